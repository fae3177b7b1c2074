// What is known besides: what happens just now, what the caller asked for, what the call may be about, and what to do
// then. It comes later than the pop, below everything else, so that nothing moves for it.

import { el, linked, own } from "./dom.js";
import { ago, list, t } from "./messages.js";
import { steady } from "./rows.js";
import { renderSuggestions } from "./suggestions.js";

const LISTS = [
  "services", "configuration_items", "requests", "standard_requests", "knowledge_articles", "major_incidents",
];
const PARTS = [...LISTS, "repeat"];

export function renderContext(section, entry, state, act) {
  const context = contextOf(entry);
  section.hidden = !context;
  section.dataset.complete = context?.complete ?? true;
  if (!context) return section.replaceChildren();
  if (!section.children.length) section.append(...["news", "requests", "about", "suggestions", "failed"].map(place));
  const [news, requests, about, suggestions, failed] = section.children;
  const known = knows(entry);
  const awaited = known && !context.complete;
  steady(news, [context.major_incidents, context.repeat], () => [...incidents(context), repeat(context.repeat)]);
  steady(requests, [known, awaited, context.requests], () => requestList(context.requests, known, awaited));
  steady(about, [entry.call.id, context.services, context.configuration_items, awaited, state.selected[entry.call.id]],
    () => subjects(context, awaited, entry.call.id, state, act));
  renderSuggestions(suggestions, entry.call.id, context, state);
  steady(failed, context.failed, () => missing(context.failed));
}

// Whose requests? Without a person there are none to look for; what goes on at the customer is shown all the same.
const knows = (entry) => entry.data.resolution.status === "identified";

const place = (name) => el("div", { class: `context-${name}`, ...(name === "failed" && { role: "status" }) });

// Absent in what older versions stored. Where nothing is to come and nothing came, there is nothing to show.
function contextOf(entry) {
  if (!entry.data) return null;
  const { context } = entry.data;
  const whole = { repeat: null, failed: [], ...Object.fromEntries(LISTS.map((name) => [name, []])), ...context };
  const empty = LISTS.every((name) => !whole[name].length) && !whole.repeat && !whole.failed.length;
  const awaited = !whole.complete && knows(entry);
  return empty && !awaited ? null : whole;
}

function missing(failed) {
  const parts = failed.map((name) => (PARTS.includes(name) ? t(`context.part.${name}`) : name));
  return parts.length ? el("p", {}, t("context.failed", { parts: list(parts) })) : [];
}

// -- just now, and before ---------------------------------------------------------------------------------------------

function incidents({ major_incidents: now }) {
  if (!now.length) return [];
  return [
    el("h2", { class: "unseen" }, t("context.incidents")),
    el("ul", { class: "incidents" }, now.map((one) => el("li", {}, linked(one.subject, one.url)))),
  ];
}

function repeat(one) {
  if (!one) return null;
  const before = times(one);
  const open = one.open_requests ? t("context.repeat_open", { n: one.open_requests }) : null;
  return el("p", { class: "repeat" }, el("span", {}, before), open ? el("span", {}, open) : null);
}

function times({ calls: n, last_at: last }) {
  if (!n) return t("context.repeat_none");
  return last ? t("context.repeat", { n, when: ago(last) }) : t("context.repeat_undated", { n });
}

// -- what he asked for ------------------------------------------------------------------------------------------------

function requestList(requests, known, awaited) {
  if (!known && !requests.length) return [];
  const sorted = [...requests].sort((one, other) => Number(isOpen(other)) - Number(isOpen(one)) || newer(one, other));
  return [
    el("h2", {}, t("context.requests")),
    sorted.length ? el("ul", { class: "requests" }, sorted.map(request)) : emptyOr(awaited, "context.requests.none"),
  ];
}

const isOpen = (request) => request.open !== false;
const newer = (one, other) => (Date.parse(other.updated_at) || 0) - (Date.parse(one.updated_at) || 0);
const emptyOr = (awaited, key) => el("p", { class: "hint" }, t(awaited ? "context.looking" : key));

function request(one) {
  return el("li", { "data-open": String(isOpen(one)) },
    el("span", { class: "subject" }, linked(one.subject ?? t("context.request.untitled", { id: one.id }), one.url)),
    el("span", { class: "detail" },
      one.status ? own(one.status.replaceAll("_", " ")) : null,
      one.updated_at ? updated(one.updated_at) : null));
}

const updated = (at) => el("time", { datetime: at }, t("context.updated", { when: ago(at) }));

// -- what it may be about ---------------------------------------------------------------------------------------------

function subjects({ services, configuration_items: things }, awaited, call, state, act) {
  const button = (kind) => (one) => subject(kind, one, call, state, act);
  if (!services.length && !things.length) return awaited ? [el("h2", {}, t("context.about")), emptyOr(true)] : [];
  return [
    el("h2", {}, t("context.about")),
    choices(t("context.things"), things.map(button("configuration_item"))),
    choices(t("context.services"), services.map(button("service"))),
  ];
}

const choices = (label, items) => (items.length ? el("ul", { class: "subjects", "aria-label": label }, items) : null);

function subject(kind, one, call, state, act) {
  const chosen = state.selected[call];
  const select = () => {
    act({ type: "select", call, chosen: { kind, id: one.id, name: one.name } });
    act({ type: "send", frame: { type: "select", call, [kind]: one.id } });
  };
  return el("li", {}, el("button", {
    type: "button",
    class: "subject-button",
    "aria-pressed": String(chosen?.kind === kind && chosen.id === one.id),
    "data-focus": `${kind} ${one.id}`,
    onclick: select,
  }, own(one.name, { class: "subject-name" }),
  one.product ? own(one.product, { class: "detail" }) : null,
  one.status ? own(one.status.replaceAll("_", " "), { class: "detail" }) : null));
}
