// The call on the page: company, greeting and language first, then who it may be, beside it the note, below the context.
// Each part is rebuilt only when what it shows has changed, and what comes later never moves what stands above it.

import { renderContext } from "./context.js";
import { copyButton } from "./copying.js";
import { byId, el, fill, isSafe, linked, own } from "./dom.js";
import { digitsOf, rings, stateOf } from "./entries.js";
import { t } from "./messages.js";
import { renderNotes } from "./notes.js";
import { renderPerson } from "./person.js";
import { renderSearch } from "./search.js";
import * as words from "./words.js";

let parts = null;

function made() {
  const place = (name, tag = "div") => el(tag, { class: name });
  const [head, say, belongs] = [place("pop-head"), place("say"), place("belongs")];
  const [search, actions] = [place("search"), place("actions")];
  const note = place("note", "section");
  const context = place("context", "section");
  const who = el("div", { class: "pop-who" }, belongs, el("div", { class: "doing" }, actions, search));
  const all = [head, say, el("div", { class: "pop-body" }, who, note), context];
  return { head, say, belongs, search, actions, note, context, all };
}

export function renderPop(state, act) {
  const pop = byId("pop");
  const entry = state.link.status === "refused" ? undefined : state.calls[state.main];
  pop.hidden = !entry;
  if (!entry) {
    pop.replaceChildren(); // what is put away is gone, for whoever looks into the page as well
    parts = null;
    return;
  }
  pop.dataset.call = entry.call.id;
  pop.dataset.state = stateOf(entry);
  pop.dataset.status = entry.data?.resolution.status ?? "unknown";
  if (parts === null) {
    parts = made();
    pop.replaceChildren(...parts.all);
  }
  renderParts(entry, state, act);
}

function renderParts(entry, state, act) {
  const { data } = entry;
  fill(parts.head, [entry.call, data?.called, words.standing(entry, state)], () => head(entry, state, act));
  fill(parts.say, [data?.language, data?.called, state.colleagues], () => (data ? say(data, state) : []));
  renderPerson(parts.belongs, entry, state, act);
  renderSearch(parts.search, entry, state, act);
  fill(parts.actions, [data?.links, data?.caller], () => (data ? actions(data) : []));
  renderNotes(parts.note, entry, state, act);
  renderContext(parts.context, entry, state, act);
}

// -- company and state ------------------------------------------------------------------------------------------------

function head(entry, state, act) {
  const { call, data } = entry;
  const service = words.company(entry);
  const account = data?.called.account?.name;
  const closed = data ? words.hours(data.called) : "";
  return [
    el("div", { class: "company" },
      el("h1", { id: "company" }, own(service)),
      account && account !== service ? el("p", { class: "account" }, own(account)) : null),
    el("div", { class: "status" },
      stateChip(entry, state),
      closed ? el("span", { class: "tag warn" }, closed) : null,
      dismissButton(entry, act)),
  ];
}

const dismissButton = (entry, act) => el("button", {
  type: "button",
  class: "button quiet",
  "data-key": "dismiss",
  onclick: () => act({ type: "dismiss", call: entry.call.id }),
}, t(rings(entry) ? "pop.put_aside" : "pop.dismiss"));

export function stateChip(entry, state) {
  const { call } = entry;
  return el("span", { class: "chip", "data-state": stateOf(entry) },
    el("span", { class: "dot", "aria-hidden": "true" }),
    el("span", {}, words.standing(entry, state)),
    el("span", { class: "since", "aria-hidden": "true", "data-from": since(entry), "data-to": call.ended_at ?? "" }));
}

// How long it is talked on, where that is known; else how long it rang.
function since({ call }) {
  const talked = call.state === "answered" || call.outcome === "answered_here";
  return talked ? call.answered_at ?? call.rang_at : call.rang_at;
}

// -- greeting and language --------------------------------------------------------------------------------------------

function say(data, state) {
  const { language, called } = data;
  const name = words.nameOfLanguage(language);
  return [
    language.greeting
      ? el("p", { id: "greeting", class: "greeting", lang: language.tag, dir: "auto" }, language.greeting)
      : el("p", { id: "greeting", class: "greeting none" }, t("pop.greeting.none")),
    el("div", { id: "language", class: "language" },
      own(language.endonym, { lang: language.tag, class: "endonym" }),
      language.endonym === name ? null : el("span", { class: "in-english" }, name),
      el("span", { class: "source" }, words.languageSource(language))),
    language.spoken_by_agent
      ? null
      : el("p", { id: "not-spoken", class: "not-spoken" }, words.notSpoken(language, state)),
    called.out_of_hours ? outOfHours(called.out_of_hours) : null,
  ];
}

const outOfHours = ({ language, text }) =>
  el("div", { id: "out-of-hours", class: "out-of-hours" },
    el("p", { class: "label" }, t("pop.hours.tell")),
    el("p", { class: "text", dir: "auto", lang: language === "und" ? null : language }, text));

// -- what one does with it --------------------------------------------------------------------------------------------

function actions(data) {
  const number = digitsOf(data);
  return [
    ...data.links.filter((link) => isSafe(link.url)).map(linkOut),
    number ? copyButton(number) : null,
  ];
}

const linkOut = ({ url, title }) => linked(title, url, { class: "button link-out" });
