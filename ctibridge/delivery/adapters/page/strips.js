// Other calls that matter now: beside the one on the page, which they never replace, move or scroll.

import { byId, el, own } from "./dom.js";
import { nameOf, rings, stateOf } from "./entries.js";
import { t } from "./messages.js";
import { rows, steady } from "./rows.js";
import { moveTo } from "./keys.js";
import { stateChip } from "./pop.js";
import * as words from "./words.js";

export function renderStrips(state, act) {
  const section = byId("strips");
  if (state.link.status === "refused") return section.replaceChildren();
  if (!section.children.length) {
    section.append(el("ol", { class: "strip-list" }), el("div", { class: "gone", role: "status" }));
  }
  const [list, gone] = section.children;
  section.dataset.count = state.strips.length + state.gone.length;
  rows(list, state.strips.map((id, place) => item(state.calls[id], place + 1, state, act)));
  steady(gone, state.gone, () => state.gone.map((one) => el("p", {}, words.gone(one, state))));
}

function item(entry, place, state, act) {
  const { call, data } = entry;
  return {
    key: call.id,
    attributes: {
      class: "strip",
      "data-call": call.id,
      "data-state": stateOf(entry),
      "data-status": data?.resolution.status ?? "unknown",
    },
    value: [call, data?.language, data?.resolution, data?.called, place, words.standing(entry, state)],
    build: () => strip(entry, place, state, act),
  };
}

function strip(entry, place, state, act) {
  const { call, data } = entry;
  const company = words.company(entry);
  const aside = rings(entry) ? "put_aside" : "dismiss";
  return [
    el("div", { class: "strip-text" },
      el("p", {}, stateChip(entry, state)),
      own(company, { class: "company" }),
      data?.language.greeting
        ? el("p", { class: "strip-say", lang: data.language.tag, dir: "auto" }, data.language.greeting) : null,
      data ? own(data.language.endonym, { lang: data.language.tag, class: "endonym" }) : null,
      own(whoOf(data), { class: "who" })),
    el("div", { class: "strip-do" },
      el("button", {
        type: "button",
        class: "button",
        "data-focus": "show",
        "aria-label": t("pop.strip.show_of", { company }),
        "aria-keyshortcuts": `Alt+${place}`,
        onclick: () => (act({ type: "show", call: call.id }), moveTo("pop")),
      }, t("pop.strip.show"), place < 10 ? el("kbd", { "aria-hidden": "true" }, `Alt ${place}`) : null),
      el("button", {
        type: "button",
        class: "button quiet",
        "data-focus": "dismiss",
        "aria-label": t(`pop.strip.${aside}_of`, { company }),
        onclick: () => act({ type: "dismiss", call: call.id }),
      }, t(`pop.${aside}`))),
  ];
}

function whoOf(data) {
  if (!data) return "";
  const said = words.belongs(data);
  return nameOf(data) ?? said.title ?? said.label;
}
