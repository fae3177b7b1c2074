// A call as the page keeps it: its newest data, what was noted, what became of it. Pure.

const KEPT_NOTES = 5;

export const rings = (entry) => entry?.call.state === "ringing";
export const isAnswered = (entry) =>
  entry?.call.state === "answered" || (entry?.call.outcome ?? "").startsWith("answered_");
// It rings, or is talked on as far as we know. What was answered here and hung up is over.
export const goesOn = (entry) =>
  rings(entry) || entry?.call.state === "answered" || entry?.call.outcome === "answered_elsewhere";
export const stateOf = (entry) => (rings(entry) ? "ringing" : isAnswered(entry) ? "answered" : "ended");

// What a pop says, each null where it says nothing of it. A name only of who is identified and whose record was read.
export const nameOf = ({ resolution: { status, candidates } }) =>
  (status === "identified" ? candidates[0]?.person.name ?? null : null);
export const digitsOf = ({ caller: { number, extension, raw } }) => number ?? extension ?? raw;
export const companyOf = ({ called }) => called.name ?? called.account?.name ?? null;

// `call.ended` brings the call alone: what was known of the caller stays, and what was noted.
export function heardOf(before, data, sequence, time = null) {
  const { call } = data;
  const sameRound = before && (before.call.round ?? 1) === (call.round ?? 1);
  return {
    call,
    data: data.caller ? data : before?.data ?? null,
    notes: typeof data.note === "string" ? merged(before?.notes ?? [], [noteOf(data, time)]) : before?.notes ?? [],
    work: workOf(data, time) ?? before?.work ?? null,
    rangIn: sameRound ? before.rangIn : sequence,
    firstIn: before?.firstIn ?? sequence,
  };
}

const noteOf = (data, at) => ({ by: data.by, text: data.note, at });

function workOf({ by, state, answered_in = null }, at) {
  return by !== undefined && state ? { state, by, at, answered_in } : null;
}

// From the snapshot: details say what the newest event left out.
export function restoredOf(before, data, detail, sequence) {
  if (!detail) return heardOf(before, data, sequence);
  const first = detail.pop ? heardOf(before, detail.pop, detail.rang_in) : before;
  const { note, ...rest } = data;
  const entry = heardOf(first, rest, detail.rang_in);
  return {
    ...entry,
    notes: merged(entry.notes, detail.notes),
    work: detail.work,
    rangIn: detail.rang_in,
    firstIn: detail.rang_in,
  };
}

// Whatever became of it, nobody told us.
export function lostSight(entry) {
  return rings(entry) ? { ...entry, call: { ...entry.call, state: "ended", outcome: "unknown" } } : entry;
}

// The role at the company that was called is withdrawn, and with it goes what colleagues wrote of the call.
export const lostRole = (before, after) => before?.data?.called.granted === true && after.data?.called.granted === false;

// With the notes of the call that it continues, for as long as this desk may see them; oldest first.
export const notesOf = (entry) => merged(entry.data?.hand_over?.notes ?? [], entry.notes);

function merged(notes, more) {
  const same = (one, other) =>
    one.by === other.by && one.text === other.text && (one.at === other.at || !one.at || !other.at);
  const fresh = more.filter((one) => !notes.some((other) => same(one, other)));
  const order = (one, other) => (one.at && other.at ? Date.parse(one.at) - Date.parse(other.at) : 0);
  return [...notes, ...fresh].sort(order).slice(-KEPT_NOTES);
}
