// What the agent may do about what the call is about: requests of the customer's own kind with what to ask for, and
// articles. Before he chose something: what there is in general.

import { el, linked, own } from "./dom.js";
import { t } from "./messages.js";
import { steady } from "./rows.js";

export function renderSuggestions(node, call, context, state) {
  const selected = state.selected[call];
  const found = state.suggestions[call] ?? (selected ? null : context);
  const shown = found && [found.standard_requests, found.knowledge_articles];
  steady(node, [selected, shown], () => (found || selected ? content(selected, found) : []));
}

function content(selected, found) {
  const title = selected ? t("context.suggestions.for", { name: selected.name }) : t("context.suggestions");
  const heading = el("h2", { role: selected ? "status" : null }, title);
  if (!found) return [heading, el("p", { class: "hint" }, t("context.suggestions.looking"))];
  const { standard_requests: orders, knowledge_articles: articles } = found;
  if (!orders.length && !articles.length) {
    return selected ? [heading, el("p", { class: "hint" }, t("context.suggestions.none"))] : [];
  }
  return [
    heading,
    listed("orders", t("context.standard_requests"), orders.map(order)),
    listed("articles", t("context.articles"), articles.map(article)),
  ];
}

const listed = (style, label, items) => (items.length ? el("ul", { class: style, "aria-label": label }, items) : null);

const order = (one) => el("li", {},
  own(one.subject, { class: "subject" }),
  one.registration_hints ? el("p", { class: "hints", dir: "auto" }, one.registration_hints) : null);

const article = (one) => el("li", { lang: one.language }, linked(one.subject, one.url));
