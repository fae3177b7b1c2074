// The note for a call: a field that is the agent's own, kept for each call while he writes, and what was noted so far.
// The list stands below the field: a colleague's note never moves what is being typed.

import { el, own } from "./dom.js";
import { named } from "./keys.js";
import { clock, t } from "./messages.js";
import { rows, steady } from "./rows.js";
import { notesOf } from "./entries.js";
import * as words from "./words.js";

const LONGEST = 2000;
const fields = new WeakMap();

export function renderNotes(section, entry, state, act) {
  const { id } = entry.call;
  section.hidden = Boolean(entry.local);
  const field = fields.get(section) ?? made(section, act);
  field.call = id;
  const draft = state.drafts[id] ?? "";
  if (field.area.value !== draft) field.area.value = draft;
  const live = state.link.status === "live";
  field.send.disabled = !draft.trim() || !live;
  steady(field.label, "label", () => t("pop.note.label"));
  steady(field.send, "send", () => [t("pop.note.send"), el("kbd", { "aria-hidden": "true" }, named("Ctrl ↵"))]);
  field.area.placeholder = t("pop.note.placeholder");
  field.said.textContent = draft && !live ? t("pop.note.kept") : "";
  renderWritten(field.list, entry, state);
}

function made(section, act) {
  const field = {
    call: null,
    label: el("label", { for: "note", class: "label" }),
    area: el("textarea", { id: "note", rows: 3, maxlength: LONGEST, dir: "auto", "aria-keyshortcuts": "N" }),
    send: el("button", { type: "submit", class: "button" }),
    said: el("p", { class: "hint", role: "status" }),
    list: el("ul", { class: "notes" }),
  };
  const send = () => act({ type: "note", call: field.call, text: field.area.value.trim() });
  field.area.addEventListener("input", () => act({ type: "draft", call: field.call, text: field.area.value }));
  const form = el("form", { class: "note-form", onsubmit: (event) => (event.preventDefault(), send()) },
    field.label, field.area, el("div", { class: "note-do" }, field.send, field.said));
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
  });
  section.replaceChildren(form, field.list);
  fields.set(section, field);
  return field;
}

// What colleagues wrote, as they wrote it: plain text with its own lines.
function renderWritten(list, entry, state) {
  const written = notesOf(entry);
  const onItsWay = state.sending[entry.call.id];
  list.hidden = !written.length && !onItsWay;
  list.id = list.hidden ? "" : "notes";
  list.setAttribute("aria-label", t("pop.note.list"));
  rows(list, [
    ...written.map((one) => ({
      key: `${one.by} ${one.text}`,
      value: [one, state.colleagues],
      build: () => note(words.agentName(state, one.by), timeOf(one), one.text),
    })),
    ...(onItsWay ? [{ key: "sending", value: onItsWay, attributes: { "data-sending": true },
      build: () => note(words.agentName(state, state.agent), t("pop.note.sending"), onItsWay) }] : []),
  ]);
}

const timeOf = ({ at }) => (at ? el("time", { datetime: at }, clock(at)) : null);

const note = (by, when, text) => [
  el("span", { class: "by" }, own(by), when),
  el("span", { class: "text", dir: "auto" }, text),
];
