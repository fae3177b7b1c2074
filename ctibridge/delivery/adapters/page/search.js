// Not found, or somebody else: the agent looks for the caller himself, results as he types, and chooses with the keys.
// A combobox as the ARIA practices have it: the focus stays in the field, the arrows move the mark in the list.

import { el, own } from "./dom.js";
import { t } from "./messages.js";
import { role } from "./person.js";
import { steady } from "./rows.js";

const SHORTEST = 2;
const AFTER = 150; // ms without another key
const parts = new WeakMap();

export function renderSearch(node, entry, state, act) {
  node.hidden = !entry.data || Boolean(entry.local);
  const part = parts.get(node) ?? made(node, act);
  part.call = entry.call.id;
  const search = state.search?.call === entry.call.id ? state.search : null;
  const single = entry.data?.resolution.status === "identified";
  const offer = t(single ? "pop.search.other" : "pop.search.open");
  steady(part.opener, offer, () => [offer, el("kbd", { "aria-hidden": "true" }, "/")]);
  part.opener.hidden = Boolean(search);
  part.panel.hidden = !search;
  part.field.placeholder = t("pop.search.placeholder");
  steady(part.label, "label", () => t("pop.search.label"));
  if (search && part.field.value !== search.text) part.field.value = search.text;
  if (!search) part.mark = 0;
  renderResults(part, search, state.people, act);
}

function made(node, act) {
  const part = { call: null, mark: 0, timer: null, people: [] };
  part.opener = el("button", {
    type: "button", class: "button search-open", "data-key": "search", "aria-keyshortcuts": "/",
    onclick: () => open(part, act),
  });
  part.label = el("label", { for: "search", class: "label" });
  part.field = el("input", {
    id: "search", type: "search", role: "combobox",
    autocomplete: "off", spellcheck: "false", dir: "auto", maxlength: 200,
    "aria-controls": "results", "aria-autocomplete": "list", "aria-expanded": "false",
    oninput: () => typed(part, act), onkeydown: (event) => pressed(part, event, act),
  });
  part.said = el("p", { class: "hint", role: "status" });
  part.results = el("ul", { id: "results", class: "results", role: "listbox" });
  part.panel = el("div", { class: "search-panel", hidden: true }, part.label, part.field, part.said, part.results);
  node.replaceChildren(part.opener, part.panel);
  parts.set(node, part);
  return part;
}

function open(part, act) {
  act({ type: "search", call: part.call, text: "" });
  part.opener.hidden = true;
  part.panel.hidden = false;
  part.field.value = "";
  part.field.focus();
}

function close(part, act) {
  clearTimeout(part.timer);
  act({ type: "search-over" });
  part.opener.hidden = false;
  part.opener.focus();
}

function typed(part, act) {
  const text = part.field.value;
  part.mark = 0;
  act({ type: "search", call: part.call, text });
  clearTimeout(part.timer);
  if (text.trim().length < SHORTEST) return;
  const frame = { type: "search", call: part.call, account: null, text };
  part.timer = setTimeout(() => act({ type: "send", frame }), AFTER);
}

function pressed(part, event, act) {
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key === "Escape") close(part, act);
  else if (event.key in moves && part.people.length) {
    part.mark = (part.mark + moves[event.key] + part.people.length) % part.people.length;
    marked(part);
  } else if (event.key === "Enter" && !event.isComposing) choose(part, part.people[part.mark], act);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function choose(part, found, act) {
  if (!found) return;
  const { account, id } = found.person;
  act({ type: "send", frame: { type: "choose", call: part.call, person: { account, id } } });
  close(part, act);
}

// -- what was found ---------------------------------------------------------------------------------------------------

function renderResults(part, search, answer, act) {
  const longEnough = search && search.text.trim().length >= SHORTEST;
  const current = longEnough && answer?.text.trim() === search.text.trim();
  // Until the next answer is there the one before stays: a list that flickers cannot be read.
  part.people = longEnough && answer ? answer.people : [];
  part.said.textContent = !longEnough ? "" : !current ? t("pop.search.looking")
    : part.people.length ? t("pop.search.count", { n: part.people.length }) : t("pop.search.none");
  part.results.setAttribute("aria-label", t("pop.search.results"));
  part.field.setAttribute("aria-expanded", String(part.people.length > 0));
  steady(part.results, [part.call, part.people], () => part.people.map((one, place) => option(part, one, place, act)));
  marked(part);
}

function option(part, one, place, act) {
  const { person, account } = one;
  return el("li", { id: `result-${place}`, role: "option", class: "result", onclick: () => choose(part, one, act) },
    el("span", { class: "name" }, own(person.name ?? person.id),
      person.vip ? el("span", { class: "tag vip" }, t("pop.person.vip")) : null,
      person.disabled ? el("span", { class: "tag alarm" }, t("pop.person.disabled")) : null),
    role(person, account),
    person.email ? own(person.email, { class: "detail" }) : null);
}

function marked(part) {
  [...part.results.children].forEach((node, place) => {
    node.setAttribute("aria-selected", String(place === part.mark));
    if (place === part.mark) node.scrollIntoView({ block: "nearest" });
  });
  if (part.people.length) part.field.setAttribute("aria-activedescendant", `result-${part.mark}`);
  else part.field.removeAttribute("aria-activedescendant");
}
