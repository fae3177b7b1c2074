// Who owns the page. main: the call on it; strips: other calls that matter now, beside it. Pure.

import { goesOn, rings, stateOf } from "./entries.js";

export const KEPT_CALLS = 30;
// A call that was answered on some device owns the page; how long its talk goes on nobody tells us. After this it gives
// way to the next call.
const TALKS_AT_MOST = 30 * 60_000;
// The daemon knows a call for so long after its end (delivery/desk.py), and says what may not be seen of it any more.
const KNOWN_FOR = { answered: 120 * 60_000, ended: 30 * 60_000 };

// A call that rings takes the page, unless another one rings or was answered there: then it stands beside it.
export function placed(state, id) {
  const main = state.calls[state.main];
  const dismissed = state.dismissed.filter((one) => one !== id);
  if (state.main === id) return { ...state, dismissed };
  const beside = state.strips.filter((one) => one !== id && matters(state, one));
  const owned = main && (rings(main) || talks(main, state.calls[id].call.rang_at) || isHeld(state, state.main));
  if (!owned) return { ...state, dismissed, main: id, strips: beside };
  return { ...state, dismissed, strips: [...beside, id] };
}

// Nothing takes the page from under the agent's fingers: he looks for the caller, or wrote what is not sent yet.
export const isHeld = (state, id) =>
  (state.search !== null && state.search.call === id) || Boolean(state.drafts[id]?.trim());

const matters = (state, id) =>
  rings(state.calls[id]) || state.calls[id]?.call.state === "answered" || isHeld(state, id);

function talks(entry, until) {
  if (entry.call.state === "answered") return true; // and its end will be told
  const since = Date.parse(entry.call.answered_at ?? entry.call.ended_at ?? entry.call.rang_at);
  return goesOn(entry) && Date.parse(until) - since < TALKS_AT_MOST;
}

// Only where another agent's line is known to have taken it (contract: *Answered*); a line where this agent may sit is
// not. Until it is told whose it was, that stands beside for some seconds.
export function closed(state, id, live) {
  const by = state.calls[id].call.answered_by;
  const listed = state.main === id || state.strips.includes(id);
  if (!listed || !tookAway(state, by) || isHeld(state, id)) return state;
  const gone = live ? [...state.gone, { call: id, ...by }] : state.gone;
  return without({ ...state, gone }, id);
}

const tookAway = (state, by) =>
  Boolean(by) && by.agent !== state.agent && !state.lines.some((line) => line.line === by.line);

// A call beside that ended unanswered goes; if the one on the page did, the next that rings takes its place.
export function tidied(state) {
  const [elsewhere] = state.strips.filter((id) => state.calls[id].call.outcome === "answered_elsewhere");
  const strips = state.strips.filter((id) => matters(state, id) || id === elsewhere);
  const next = strips.find((id) => rings(state.calls[id]));
  if (next === undefined || goesOn(state.calls[state.main]) || isHeld(state, state.main)) return { ...state, strips };
  return { ...state, main: next, strips: strips.filter((id) => id !== next) };
}

// The agent asks for a call. The one that it replaces stands beside it, while it matters.
export function shown(state, id) {
  if (state.main === id || !state.calls[id]?.data) return state;
  const strips = state.strips.filter((one) => one !== id);
  const aside = goesOn(state.calls[state.main]) || isHeld(state, state.main) ? [state.main, ...strips] : strips;
  return { ...state, main: id, strips: aside };
}

export function dismissed(state, id) {
  return without({ ...state, dismissed: [...state.dismissed, id].slice(-KEPT_CALLS) }, id);
}

function without(state, id) {
  const strips = state.strips.filter((one) => one !== id);
  if (state.main !== id) return { ...state, strips };
  const next = strips.find((one) => rings(state.calls[one])) ?? strips[0] ?? null;
  return { ...state, main: next, strips: strips.filter((one) => one !== next) };
}

// Without what ended so long ago that the daemon cannot empty it any more. now: milliseconds.
export function withoutOld(state, now) {
  const sinceEnd = ({ call }) => now - Date.parse(call.ended_at ?? call.rang_at);
  const isOld = (entry) => entry.call.state === "ended" && sinceEnd(entry) > KNOWN_FOR[stateOf(entry)];
  const listed = [state.main, ...state.strips].filter((id) => id !== null);
  return listed.filter((id) => isOld(state.calls[id]) && !isHeld(state, id)).reduce(without, state);
}

// What a fresh page finds: a talk that goes on owns it, then what rings. now: milliseconds.
export function found(state, now) {
  const withPop = state.order.filter((id) => state.calls[id].data);
  const talking = withPop.filter((id) => state.calls[id].call.state === "answered");
  const latest = withPop.filter((id) => mayBeTalk(state, id, now)).slice(0, talking.length ? 0 : 1);
  const ringing = state.order.filter((id) => rings(state.calls[id])).reverse();
  const start = state.main === null ? [...talking, ...latest].reduce(placed, state) : state;
  return ringing.reduce(placed, tidied(start));
}

function mayBeTalk(state, id, now) {
  const { call } = state.calls[id];
  return call.outcome === "answered_elsewhere" && !tookAway(state, call.answered_by)
    && talks(state.calls[id], new Date(now).toISOString());
}
