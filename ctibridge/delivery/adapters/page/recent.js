// The calls of today with how they went, newest first. A click shows the call, where the page still has it.

import { el, own } from "./dom.js";
import { clock, t } from "./messages.js";
import { part, rows } from "./rows.js";
import * as said from "./said.js";
import { callsOf, midnight, rangAt } from "./today.js";

export function renderRecent(section, state, act) {
  const day = midnight(Date.now());
  const entries = callsOf(state.today).filter((one) => rangAt(one) >= day);
  const list = part(section, t("rail.today.title"), "recent scrolls", !entries.length);
  rows(list, entries.map((entry) => {
    const shows = Boolean(state.calls[entry.call.id]?.data);
    const how = said.outcome(entry.call, state);
    const work = said.isKnown(entry.work) ? said.work(entry.work, state) : null;
    return {
      key: entry.call.id,
      attributes: { "data-state": entry.call.state, "aria-current": state.main === entry.call.id },
      value: [entry, how, work, shows],
      build: () => recentRow(entry, how, work, shows, act),
    };
  }));
}

function recentRow(entry, how, work, shows, act) {
  const { call, notes, call_back: back } = entry;
  const parts = [
    el("time", { datetime: call.rang_at }, clock(call.rang_at)),
    own(said.company(entry), { class: "company" }),
    own(said.caller(entry), { class: "who" }),
    el("span", { class: "how" }, own(how), work ? own(work, { class: "work" }) : null,
      notes ? el("span", { class: "noted" }, t("rail.today.notes", { n: notes })) : null),
  ];
  return [
    shows
      ? el("button", { type: "button", class: "entry", "data-focus": "show",
        onclick: () => act({ type: "show", call: call.id }) }, parts)
      : el("div", { class: "entry" }, parts),
    back && call.state !== "ringing" ? callBack(back, said.caller(entry)) : null,
  ];
}

export const callBack = (number, who) => el("a", {
  class: "call-back",
  href: `tel:${number}`,
  "data-focus": "call-back",
  "aria-label": t("rail.today.call_back", { who }),
  title: number,
});
