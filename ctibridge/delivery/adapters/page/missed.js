// Who was missed and waits for a call back, longest wait first. A row that is settled says so for some seconds, and
// goes only while neither the pointer nor the keyboard is in the list: nothing moves under a hand.

import { el, own, number } from "./dom.js";
import { ago, clock, t } from "./messages.js";
import { callBack } from "./recent.js";
import { part, rows } from "./rows.js";
import * as said from "./said.js";
import { mayTake, outcomeOf, waiting } from "./waiting.js";

const STAYS = 6_000;
const MOST = 50;
const TICK = 15_000;

const shown = new Map(); // by caller: {row, goneAt}
let whose = "";
let again = () => {};
setInterval(() => again(), TICK);

export function renderMissed(section, state, act) {
  again = () => renderMissed(section, state, act);
  if (whose !== state.agent) shown.clear();
  whose = state.agent;
  const callers = waiting(state.today);
  keepUp(section, callers, state.today);
  const kept = [...shown.values()].sort((one, other) => one.row.since - other.row.since);
  const list = part(section, t("rail.missed.title"), "missed scrolls", !kept.length);
  rows(list, kept.slice(0, MOST).map((one) => item(one, state, act)));
  for (const node of list.querySelectorAll(".waits")) node.textContent = ago(Number(node.dataset.since));
  count(section, callers.length, kept.length - MOST);
}

function keepUp(section, callers, today) {
  const waits = new Map(callers.map((row) => [row.key, row]));
  for (const [key, one] of shown) {
    if (waits.has(key)) continue;
    one.goneAt ??= leaves();
    const isOver = Date.now() >= one.goneAt && !isHeld(section);
    if (isOver || outcomeOf(one.row, today) === null) shown.delete(key);
  }
  for (const [key, row] of waits) shown.set(key, { row, goneAt: null });
}

function leaves() {
  setTimeout(() => again(), STAYS + 50);
  return Date.now() + STAYS;
}

const isHeld = (section) => section.matches(":hover") || section.querySelector(":focus-visible") !== null;

// -- the count, also for who does not see it --------------------------------------------------------------------------

function count(section, waits, hidden) {
  section.onpointerleave ??= () => again();
  section.onfocusout ??= () => setTimeout(() => again());
  const more = section.querySelector(".more-rows") ?? section.appendChild(el("p", { class: "more-rows" }));
  more.textContent = hidden > 0 ? t("rail.missed.more", { n: hidden }) : "";
  const status = document.getElementById("missed-status")
    ?? section.parentElement.appendChild(el("p", { id: "missed-status", class: "unseen", role: "status" }));
  const text = waits ? t("rail.missed.announced", { n: waits }) : status.textContent && t("rail.missed.nobody_waits");
  if (status.textContent !== text) status.textContent = text;
}

// -- a row ------------------------------------------------------------------------------------------------------------

function item({ row, goneAt }, state, act) {
  const over = goneAt !== null;
  const work = over ? outcomeOf(row, state.today) : row.work;
  const what = said.isKnown(work) ? said.work(work, state) : "";
  const { asked, refused } = state.today;
  const ids = row.calls.map(({ call }) => call.id);
  const why = over ? "" : refused[ids.find((id) => id in refused)] ?? "";
  const can = {
    press: state.link.status === "live" && !ids.some((id) => asked.includes(id)),
    take: !over && mayTake(row, state.agent, Date.now()),
    done: !over && !row.rings,
    show: Boolean(state.calls[row.newest.call.id]?.data),
  };
  return {
    key: row.key,
    attributes: { "data-state": over ? "settled" : row.rings ? "rings" : row.work ? "taken" : "waits" },
    value: [row, what, why, can],
    build: () => missedRow(row, what, why, can, act),
  };
}

function missedRow(row, what, why, can, act) {
  return [
    face(row, can.show, act),
    row.rings ? el("p", { class: "now" }, t("rail.missed.rings")) : null,
    what ? el("p", { class: "work" }, what) : null,
    why ? el("p", { class: "refused", role: "alert" }, t("rail.missed.refused", { message: why })) : null,
    can.done ? el("div", { class: "do" }, keys(row, can, act)) : null,
  ];
}

// Of all his calls, since a colleague's desk may have heard another one of them.
function keys({ newest, calls }, can, act) {
  const over = calls.filter(({ call }) => call.state === "ended");
  const send = (type) => () => over.forEach(({ call }) => act({ type: "send", frame: { type, call: call.id } }));
  return [
    can.take ? press("take", newest, can.press, send("take")) : null,
    press("done", newest, can.press, send("done")),
    newest.call_back ? callBack(newest.call_back, said.caller(newest)) : null,
  ];
}

function face(row, shows, act) {
  const { id } = row.newest.call;
  const parts = faceParts(row);
  return shows
    ? el("button", { type: "button", class: "entry", "data-focus": "show",
      onclick: () => act({ type: "show", call: id }) }, parts)
    : el("div", { class: "entry" }, parts);
}

function faceParts({ newest, since, calls }) {
  const { who, number: digits, endonym, language } = newest;
  const time = clock(since);
  const waits = { class: "waits", datetime: new Date(since).toISOString(), "data-since": since, title: time };
  return [
    el("span", { class: "head" }, own(said.company(newest), { class: "company" }), el("time", waits, ago(since))),
    el("span", { class: "who" },
      who || !digits ? own(said.caller(newest)) : number(digits),
      endonym ? own(endonym, { class: "endonym", lang: language }) : null),
    calls.length > 1 ? el("span", { class: "how" }, t("rail.missed.calls", { n: calls.length, time })) : null,
  ];
}

const press = (what, entry, live, onclick) => el("button", {
  type: "button",
  class: "button small",
  "data-focus": what,
  disabled: !live,
  "aria-label": t(`rail.missed.${what}_of`, { who: said.caller(entry) }),
  onclick,
}, t(`rail.missed.${what}`));
