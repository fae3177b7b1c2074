// What the page knows, as one frozen value, and what each message makes of it. Nothing in here touches the document.
//
// ending: when the token ends, in milliseconds, once that is soon. main: the call that owns the page; strips: other calls that matter now, beside it; order: calls, newest first; gone:
// calls that a colleague has just taken; problem: what the service has just refused; grants: the daemon's mark of which
// customers' people the agent may see, null until it was told; leader: this page rings, of all that the agent has open.

import * as asked from "./asked.js";
import { heardOf, lostRole, lostSight, restoredOf, rings } from "./entries.js";
import { closed, dismissed, found, isHeld, KEPT_CALLS, placed, shown, tidied, withoutOld } from "./places.js";
import { INITIAL_TODAY, reduceToday } from "./today.js";

const KEPT_NOTICES = 4;
const LINE_STATE_OF = { line_deaf: "deaf", line_alone: "alone", line_recovered: "registered" };
const STORING = { live_only: true, stored_again: false };
const ALONE = { node_alone: true, node_together: false };

export const INITIAL = Object.freeze({
  link: { status: "connecting", reason: "" },
  agent: "",
  name: "", // the agent's
  epoch: null,
  sequence: 0,
  lines: [],
  calls: {},
  order: [],
  main: null,
  strips: [],
  gone: [],
  notices: [],
  dismissed: [],
  leader: false,
  notification: "company",
  liveOnly: false,
  nodeAlone: false, // of several nodes, ours has lost the others
  colleagues: [],
  grants: null,
  problem: null,
  ending: null,
  today: INITIAL_TODAY,
  ...asked.NOTHING_ASKED,
});

export function reduce(state, action) {
  const next = asked.withoutStaleSearch(asked.reduceAsked(reduceCalls(state, action), action));
  const today = reduceToday(next.today, action);
  return today === next.today ? next : { ...next, today };
}

function reduceCalls(state, action) {
  switch (action.type) {
    case "link":
      return linked(state, action.link);
    case "welcome":
      return welcomed(state, action.data, action.now);
    case "leader":
      return { ...state, leader: action.data.rings };
    case "colleagues":
      return sighted(state, action.data, action.now);
    case "pong":
      return action.data ? { ...state, lines: action.data.lines } : state;
    case "error":
      return { ...asked.notesReturned(state), problem: action.data };
    case "ending":
      return { ...state, ending: action.at };
    case "problem-over":
      return { ...state, problem: null };
    case "event":
      return happened(state, action.event, action.live);
    case "event-local":
      return rehearsed(state, action.event);
    case "show":
      return shown(state, action.call);
    case "dismiss":
      return withoutLocal(dismissed(state, action.call), action.call);
    case "forget":
      return action.calls.reduce((before, id) => (rings(before.calls[id]) ? before : dismissed(before, id)), state);
    case "gone-over":
      return { ...state, gone: state.gone.filter((one) => one.call !== action.call) };
    case "dismiss-notice":
      return { ...state, notices: state.notices.filter((notice) => notice.sequence !== action.sequence) };
    default:
      return state;
  }
}

// Where the agent may see other customers than before, on the screen stays what the daemon still knows, and so empties
// itself; of all else only the daemon's list, and what the agent is writing. now: milliseconds.
function sighted(state, { agents, grants }, now) {
  const next = { ...state, colleagues: agents, grants };
  if (!seesOthers(next, state)) return next;
  const left = withoutOld(next, now);
  const aside = left.order.filter((id) => id !== left.main && !left.strips.includes(id));
  return forgotten(aside.reduce(asked.unasked, left), 0);
}

export const seesOthers = ({ grants }, before) =>
  grants !== null && before.grants !== null && grants !== before.grants;

function linked(state, link) {
  const next = { ...state, link };
  return link.status === "live" ? next : { ...asked.notesReturned(next), leader: false };
}

// -- the stream -------------------------------------------------------------------------------------------------------

function welcomed(state, data, now) {
  const next = {
    ...state,
    agent: data.agent,
    name: data.name ?? data.agent, // who is none any more has no name
    epoch: data.epoch,
    lines: data.lines,
    leader: data.rings,
    notification: data.notification,
    liveOnly: data.live_only,
    nodeAlone: Boolean(data.node_alone), // an older daemon does not say it
    ending: null,
    link: { status: "live", reason: "" },
  };
  // What was missed follows as events, in order; the snapshot would run ahead of them.
  if (data.resumed) return next;
  const listed = new Set(data.calls.map((one) => one.call.id));
  const kept = Object.fromEntries(
    Object.entries(state.calls).map(([id, entry]) => [id, listed.has(id) ? entry : lostSight(entry)]),
  );
  const start = { ...next, sequence: data.sequence, calls: kept };
  const all = data.calls.reduce((before, one, place) =>
    withEntry(before, restoredOf(before.calls[one.call.id], one, data.details[place], data.sequence)), start);
  return found(all, now);
}

function happened(state, event, live = false) {
  const sequence = Number(event.sequence);
  if (sequence <= state.sequence) return state;
  const next = { ...state, sequence };
  const { data } = event;
  switch (event.type) {
    case "call.ringing":
      return placed(heard(next, data, sequence), data.call.id);
    case "call.updated":
    case "call.answered":
      return tidied(heard(next, data, sequence));
    case "call.worked":
      return tidied(asked.noteArrived(heard(next, data, sequence, event.time), data));
    case "call.ended":
      return tidied(closed(heard(next, data, sequence), data.call.id, live));
    case "suggestions":
      return asked.suggested(next, data);
    case "notice":
      return noticed(live ? standing(next, data) : next, data, sequence, event.time);
    default:
      return next;
  }
}

const heard = (state, data, sequence, time) =>
  withEntry(state, heardOf(state.calls[data.call.id], data, sequence, time));

// A call that only this page knows: it has no number, and nothing is left of it when it is put away.
function rehearsed(state, { type, data }) {
  const entry = { ...heardOf(state.calls[data.call.id], data, state.sequence), local: true };
  const next = withEntry(state, entry);
  return type === "call.ringing" ? placed(next, data.call.id) : tidied(next);
}

function withoutLocal(state, id) {
  if (!state.calls[id]?.local) return state;
  const { [id]: local, ...calls } = state.calls;
  return { ...state, calls, order: state.order.filter((one) => one !== id) };
}

// With this entry; the oldest calls that nobody needs any more are forgotten.
function withEntry(state, entry) {
  const { id } = entry.call;
  const before = state.calls[id];
  const order = before ? state.order : [id, ...state.order];
  if (!lostRole(before, entry)) return forgotten({ ...state, calls: { ...state.calls, [id]: entry }, order });
  const left = { ...entry, notes: entry.notes.filter(({ by }) => by === state.agent) };
  return forgotten({ ...asked.unasked(state, id), calls: { ...state.calls, [id]: left }, order });
}

// What the agent is writing is kept, and the call with it: elsewhere he does not find it again.
function forgotten(state, most = KEPT_CALLS) {
  const busy = new Set([state.main, ...state.strips, ...Object.keys(state.sending)]);
  const isKept = (id, index) => index < most || busy.has(id) || rings(state.calls[id]) || isHeld(state, id);
  const order = state.order.filter(isKept);
  if (order.length === state.order.length) return state;
  const calls = Object.fromEntries(order.map((id) => [id, state.calls[id]]));
  return { ...asked.without(state, state.order.filter((id) => !(id in calls))), order, calls };
}

// As it is now. What is replayed is older than the welcome before it, which says how all stands.
function standing(state, data) {
  const lines = state.lines.map((line) =>
    data.kind in LINE_STATE_OF && line.line === data.line && line.trunk === data.trunk
      ? { ...line, state: LINE_STATE_OF[data.kind] }
      : line,
  );
  const liveOnly = STORING[data.kind] ?? state.liveOnly;
  const nodeAlone = ALONE[data.kind] ?? state.nodeAlone;
  return { ...state, lines, liveOnly, nodeAlone };
}

function noticed(state, data, sequence, time) {
  const kept = state.notices.filter((notice) => !isOutdated(notice.data, data));
  return { ...state, notices: [{ sequence, time, data }, ...kept].slice(0, KEPT_NOTICES) };
}

// A new one of its kind says it anew; a line that is deaf or alone is no longer heard again.
function isOutdated(old, { kind, line }) {
  if ([STORING, ALONE].some((one) => kind in one && old.kind in one)) return true;
  if (old.line !== line) return false;
  return old.kind === kind || (kind in LINE_STATE_OF && kind !== "line_recovered" && old.kind === "line_recovered");
}

// -- across a reload --------------------------------------------------------------------------------------------------

// From where a reloaded page resumes to see again what it lists: just before its oldest call rang.
export function bookmark(state) {
  if (state.epoch === null) return null;
  const known = state.order.map((id) => state.calls[id]).filter((entry) => !entry.local);
  const oldest = Math.min(state.sequence + 1, ...known.map((entry) => entry.firstIn));
  return { epoch: state.epoch, sequence: Math.max(0, oldest - 1), dismissed: state.dismissed };
}
