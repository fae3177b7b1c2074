// The calls of today: the daemon's list (`today`), and what the events that followed made of it. Pure; an entry is as the
// daemon sends it: {call, company, account, status, who, number, call_back, language, endonym, notes, work}.
//
// The list is read from the disk while events go on: what was heard since it was asked for is newer than the answer.

import { companyOf, digitsOf, lostSight, nameOf } from "./entries.js";

const MOST = 200;
const PROGRESS = { ringing: 0, answered: 1, ended: 2 };
const WORKED = { taken: 1, settled: 2 };

// calls: by id. heard: ids since the list was asked for. asked: `take` and `done` without an answer, oldest first.
// refused: by call, why the daemon did not do it.
export const INITIAL_TODAY = Object.freeze({ calls: {}, heard: [], asked: [], refused: {} });

export function reduceToday(today = INITIAL_TODAY, action) {
  switch (action.type) {
    case "welcome":
      return welcomed(today, action.data);
    case "today":
      return listed(today, action.data.calls);
    case "event":
      return happened(today, action.event);
    case "send":
      return sent(today, action.frame);
    case "error":
      return wrong(today, action.data);
    default:
      return today;
  }
}

// Newest first.
export const callsOf = (today) =>
  Object.values(today.calls).sort((one, other) => rangAt(other) - rangAt(one) || (one.call.id < other.call.id ? 1 : -1));

// The last midnight where the agent sits. now: milliseconds.
export function midnight(now) {
  const here = new Date(now);
  return new Date(here.getFullYear(), here.getMonth(), here.getDate()).getTime();
}

export const rangAt = ({ call }) => Date.parse(call.rang_at);

// -- the list ---------------------------------------------------------------------------------------------------------

// The snapshot stands here until the list comes; where the stream resumes, what was missed follows as events.
function welcomed(today, data) {
  const fresh = { ...today, asked: [], refused: {} };
  if (data.resumed) return fresh;
  const details = new Map(data.details.map((one) => [one.call, one]));
  const told = data.calls.map((one) => fromSnapshot(one, details.get(one.call.id)));
  const there = new Set(told.map((one) => one.call.id));
  const kept = Object.values(today.calls).map((one) => (there.has(one.call.id) ? one : lostSight(one)));
  return { ...fresh, calls: bounded(byId([...kept, ...told])) };
}

function fromSnapshot(one, details) {
  const pop = one.caller ? one : details?.pop;
  const entry = pop ? fromPop(pop) : stranger(one.call);
  return { ...entry, call: one.call, notes: details?.notes?.length ?? 0, work: details?.work ?? null };
}

function listed(today, told) {
  const kept = today.heard.map((id) => today.calls[id]).filter(Boolean);
  const calls = { ...byId(kept), ...byId(told.map((one) => merged(today.calls[one.call.id], one))) };
  return { ...today, heard: [], calls: bounded(calls) };
}

// Who it may be is as the list says; how the call went, whoever knows more.
function merged(before, told) {
  if (!before) return told;
  return {
    ...told,
    call: progress(before.call) > progress(told.call) ? before.call : told.call,
    work: (WORKED[before.work?.state] ?? 0) > (WORKED[told.work?.state] ?? 0) ? before.work : told.work,
    notes: Math.max(before.notes, told.notes),
  };
}

const progress = ({ round = 1, state }) => 3 * round + PROGRESS[state];
const byId = (entries) => Object.fromEntries(entries.map((one) => [one.call.id, one]));
const bounded = (calls) => (Object.keys(calls).length > MOST ? byId(callsOf({ calls }).slice(0, MOST)) : calls);

// -- events -----------------------------------------------------------------------------------------------------------

function happened(today, event) {
  const before = today.calls[event.data.call?.id];
  const next = after(before, event);
  if (!next) return today;
  const { id } = next.call;
  const worked = event.type === "call.worked" && event.data.state;
  return {
    calls: bounded({ ...today.calls, [id]: next }),
    heard: [...today.heard.filter((one) => one !== id), id].slice(-MOST),
    asked: worked ? today.asked.filter((one) => one !== id) : today.asked,
    refused: worked ? without(today.refused, id) : today.refused,
  };
}

function after(before, { type, data, time }) {
  switch (type) {
    case "call.ringing":
    case "call.updated":
      return { ...fromPop(data), notes: before?.notes ?? 0, work: before?.work ?? null };
    case "call.answered":
    case "call.ended":
      return { ...(before ?? stranger(data.call)), call: data.call };
    case "call.worked":
      return before && worked(before, data, time);
    default:
      return null;
  }
}

function worked(before, { by, state, note, answered_in }, at) {
  return {
    ...before,
    notes: before.notes + (typeof note === "string" ? 1 : 0),
    work: state ? { state, by, at, answered_in: answered_in ?? null } : before.work,
  };
}

// -- what a pop says of it --------------------------------------------------------------------------------------------

function fromPop(data) {
  const { call, called, language, resolution } = data;
  return {
    ...stranger(call),
    company: companyOf(data),
    account: called.account,
    status: resolution.status,
    who: nameOf(data),
    number: digitsOf(data),
    call_back: callBack(data),
    language: language.tag,
    endonym: language.endonym,
  };
}

// A call of which nothing but its course is known.
const stranger = (call) => ({
  call, company: null, account: null, status: "unknown", who: null, number: null, call_back: null,
  language: null, endonym: null, notes: 0, work: null,
});

// A link dials only what the directory holds: a number that merely came over the wire may be anybody's, and dear.
function callBack({ caller, resolution }) {
  const proven = ({ kind, grade }) => kind === "number" && (grade === "exact" || grade === "rewritten");
  const held = resolution.status === "shared" || resolution.candidates.some((one) => one.evidence.some(proven));
  return held ? caller.number : null;
}

// -- what this desk asked for -----------------------------------------------------------------------------------------

function sent(today, frame) {
  if (frame.type === "today") return { ...today, heard: [] };
  if (frame.type !== "take" && frame.type !== "done") return today;
  return { ...today, asked: [...today.asked, frame.call], refused: without(today.refused, frame.call) };
}

// An error names no call. Frames are answered in order, so it is the oldest one's that was asked for.
function wrong(today, { code, message }) {
  const [call, ...asked] = today.asked;
  if (call === undefined || (code !== "not_allowed" && code !== "unknown_call")) return today;
  return { ...today, asked, refused: { ...today.refused, [call]: message } };
}

const without = (values, id) => Object.fromEntries(Object.entries(values).filter(([one]) => one !== id));
