// Who was missed today and still waits: one row for each caller, who waits since his first call that nobody answered.
// Pure. Callers are told apart by number and company; a withheld one by the call alone.

import { isAnswered } from "./entries.js";
import { callsOf, rangAt } from "./today.js";

// How a call ended that somebody is disappointed by. What became of an `unknown` one nobody saw: it is not claimed.
const MISSED = new Set(["abandoned", "timed_out", "declined", "failed"]);
const TAKE_HOLDS = 15 * 60_000; // then somebody else may call back

const keyOf = ({ call, account, company, number }) =>
  number === null ? call.id : JSON.stringify([number, account?.id ?? company]);
const isSettled = ({ work }) => work?.state === "settled";

// Longest wait first: {key, calls (oldest first), newest, since, rings, work}.
export function waiting(today) {
  const callers = new Map();
  for (const entry of callsOf(today).reverse()) {
    const key = keyOf(entry);
    callers.set(key, next(callers.get(key) ?? [], entry));
  }
  return [...callers].filter(([, calls]) => calls.length).map(([key, calls]) => row(key, calls))
    .sort((one, other) => one.since - other.since || (one.key < other.key ? -1 : 1));
}

// Who was answered or settled waits for nothing; who rings again in a queue's next round goes on waiting.
function next(calls, entry) {
  if (isAnswered(entry) || isSettled(entry)) return [];
  const ringsAgain = entry.call.state === "ringing" && (calls.length > 0 || entry.call.round > 1);
  return MISSED.has(entry.call.outcome) || ringsAgain ? [...calls, entry] : calls;
}

function row(key, calls) {
  const newest = calls.at(-1);
  return {
    key,
    calls,
    newest,
    since: rangAt(calls[0]),
    rings: newest.call.state === "ringing",
    work: latest(calls.map(({ work }) => work).filter(Boolean)),
  };
}

const latest = (works) =>
  works.reduce((one, other) => (one && Date.parse(one.at) > Date.parse(other.at) ? one : other), null);

export function mayTake({ newest, rings, work }, agent, now) {
  const held = work?.state === "taken" && (work.by === agent || now - Date.parse(work.at) <= TAKE_HOLDS);
  return !rings && newest.number !== null && !held;
}

// Why a row that was there waits no longer: one of its calls is settled, or a later one was answered. That an earlier
// call is settled may be told before the end of the one that he was answered in.
export function outcomeOf(row, today) {
  if (!today.calls[row.newest.call.id]) return null;
  const settled = row.calls.map(({ call }) => today.calls[call.id]).filter((one) => one && isSettled(one)).at(-1);
  if (settled) return settled.work;
  const later = callsOf(today).filter((one) => keyOf(one) === row.key && isAnswered(one)).at(0);
  return later ? { state: "settled", by: answeredBy(later), at: later.call.rang_at, answered_in: later.call.id } : null;
}

const answeredBy = ({ call }) => call.answered_by?.agent ?? null;
