// What the page knows, as one frozen value, and what each message makes of it. Nothing in here touches the document.
//
// main: the call that owns the page; strips: other calls that matter now, beside it; order: calls, newest first.

export const KEPT_CALLS = 30;
const KEPT_NOTICES = 4;
const KEPT_NOTES = 5;
// A call that was answered on some device owns the page; how long its talk goes on nobody tells us. After this it gives
// way to the next call.
const TALKS_AT_MOST = 30 * 60_000;
const LINE_NOTICES = new Set(["line_deaf", "line_alone", "line_recovered"]);
const LINE_STATE_OF = { line_deaf: "deaf", line_alone: "alone", line_recovered: "registered" };

export const INITIAL = Object.freeze({
  link: { status: "connecting", reason: "" },
  agent: "",
  epoch: null,
  sequence: 0,
  lines: [],
  calls: {},
  order: [],
  main: null,
  strips: [],
  notices: [],
  dismissed: [],
});

export const rings = (entry) => entry?.call.state === "ringing";
export const isAnswered = (entry) =>
  entry?.call.state === "answered" || (entry?.call.outcome ?? "").startsWith("answered_");
// It rings, or is talked on as far as we know. What was answered here and hung up is over.
const goesOn = (entry) =>
  rings(entry) || entry?.call.state === "answered" || entry?.call.outcome === "answered_elsewhere";

export function reduce(state, action) {
  switch (action.type) {
    case "link":
      return { ...state, link: action.link };
    case "welcome":
      return welcomed(state, action.data);
    case "pong":
      return action.data ? { ...state, lines: action.data.lines } : state;
    case "event":
      return happened(state, action.event);
    case "show":
      return shown(state, action.call);
    case "dismiss":
      return dismissed(state, action.call);
    case "forget":
      return action.calls.reduce((before, id) => (rings(before.calls[id]) ? before : dismissed(before, id)), state);
    case "dismiss-notice":
      return { ...state, notices: state.notices.filter((notice) => notice.sequence !== action.sequence) };
    default:
      return state;
  }
}

// -- the stream -------------------------------------------------------------------------------------------------------

function welcomed(state, data) {
  const next = {
    ...state,
    agent: data.agent,
    epoch: data.epoch,
    lines: data.lines,
    link: { status: "live", reason: "" },
  };
  // What was missed follows as events, in order; the snapshot would run ahead of them.
  if (data.resumed) return next;
  const listed = new Set(data.calls.map((one) => one.call.id));
  const kept = Object.fromEntries(
    Object.entries(state.calls).map(([id, entry]) => [id, listed.has(id) ? entry : lostSight(entry)]),
  );
  const start = { ...next, sequence: data.sequence, calls: kept };
  const all = data.calls.reduce((before, one) => heard(before, one, data.sequence), start);
  return all.order.filter((id) => rings(all.calls[id])).reduceRight(placed, tidied(all));
}

// Whatever became of it, nobody told us.
function lostSight(entry) {
  return rings(entry) ? { ...entry, call: { ...entry.call, state: "ended", outcome: "unknown" } } : entry;
}

function happened(state, event) {
  const sequence = Number(event.sequence);
  if (sequence <= state.sequence) return state;
  const next = { ...state, sequence };
  switch (event.type) {
    case "call.ringing":
      return placed(heard(next, event.data, sequence), event.data.call.id);
    case "call.updated":
    case "call.answered":
    case "call.worked":
      return tidied(heard(next, event.data, sequence, event.time));
    case "call.ended":
      return tidied(closed(heard(next, event.data, sequence), event.data.call.id));
    case "notice":
      return noticed(next, event.data, sequence, event.time);
    default:
      return next;
  }
}

// A call's newest data. `call.ended` brings the call alone: what was known of the caller stays, and what was noted.
function heard(state, data, sequence, time) {
  const { call } = data;
  const before = state.calls[call.id];
  const entry = {
    call,
    data: data.caller ? data : before?.data ?? null,
    notes: noted(before?.notes ?? [], data, time),
    rangIn: before && (before.call.round ?? 1) === (call.round ?? 1) ? before.rangIn : sequence,
    firstIn: before?.firstIn ?? sequence,
  };
  const order = [call.id, ...state.order.filter((id) => id !== call.id)];
  const known = before ? state.order : order;
  return forgotten({ ...state, calls: { ...state.calls, [call.id]: entry }, order: known });
}

// What was written for this call itself. The snapshot tells no time.
function noted(notes, data, at = null) {
  if (typeof data.note !== "string") return notes;
  return merged(notes, [{ by: data.by, text: data.note, at }]);
}

// With the notes of the call that it continues, for as long as this desk may see them; oldest first.
export const notesOf = (entry) => merged(entry.data?.hand_over?.notes ?? [], entry.notes);

function merged(notes, more) {
  const same = (one, other) =>
    one.by === other.by && one.text === other.text && (one.at === other.at || !one.at || !other.at);
  const fresh = more.filter((one) => !notes.some((other) => same(one, other)));
  const order = (one, other) => (one.at && other.at ? Date.parse(one.at) - Date.parse(other.at) : 0);
  return [...notes, ...fresh].sort(order).slice(-KEPT_NOTES);
}

function forgotten(state) {
  const busy = new Set([state.main, ...state.strips]);
  const order = state.order.filter((id, index) => index < KEPT_CALLS || busy.has(id) || rings(state.calls[id]));
  if (order.length === state.order.length) return state;
  return { ...state, order, calls: Object.fromEntries(order.map((id) => [id, state.calls[id]])) };
}

function noticed(state, data, sequence, time) {
  const lines = state.lines.map((line) =>
    LINE_NOTICES.has(data.kind) && line.line === data.line && line.trunk === data.trunk
      ? { ...line, state: LINE_STATE_OF[data.kind] }
      : line,
  );
  const others = state.notices.filter((notice) => notice.data.kind !== data.kind || notice.data.line !== data.line);
  const kept = LINE_NOTICES.has(data.kind) && data.kind !== "line_recovered" ? others.filter(
    (notice) => notice.data.kind !== "line_recovered" || notice.data.line !== data.line,
  ) : others;
  return { ...state, lines, notices: [{ sequence, time, data }, ...kept].slice(0, KEPT_NOTICES) };
}

// -- who owns the page ------------------------------------------------------------------------------------------------

// A call that rings takes the page, unless another one rings or was answered there: then it stands beside it.
function placed(state, id) {
  const main = state.calls[state.main];
  const dismissed = state.dismissed.filter((one) => one !== id);
  if (state.main === id) return { ...state, dismissed };
  const beside = state.strips.filter((one) => one !== id && rings(state.calls[one]));
  if (!main || !(rings(main) || talks(main, state.calls[id]))) return { ...state, dismissed, main: id, strips: beside };
  return { ...state, dismissed, strips: [...beside, id] };
}

function talks(entry, next) {
  if (entry.call.state === "answered") return true; // and its end will be told
  const since = Date.parse(entry.call.answered_at ?? entry.call.ended_at ?? entry.call.rang_at);
  return goesOn(entry) && Date.parse(next.call.rang_at) - since < TALKS_AT_MOST;
}

// Only where another agent's line is known to have taken it (contract: *Answered*); a line where this agent may sit is not.
function closed(state, id) {
  const by = state.calls[id].call.answered_by;
  if (!by || by.agent === state.agent || state.lines.some((line) => line.line === by.line)) return state;
  const strips = state.strips.filter((one) => one !== id);
  if (state.main !== id) return { ...state, strips };
  const next = strips.find((one) => rings(state.calls[one])) ?? strips[0] ?? null;
  return { ...state, main: next, strips: strips.filter((one) => one !== next) };
}

// A call beside that ended unanswered goes; if the one on the page did, the next that rings takes its place.
function tidied(state) {
  const answered = state.strips.filter((id) => !rings(state.calls[id]) && goesOn(state.calls[id])).slice(-1);
  const strips = state.strips.filter((id) => rings(state.calls[id]) || answered.includes(id));
  const main = state.calls[state.main];
  const next = strips.find((id) => rings(state.calls[id]));
  if (next === undefined || goesOn(main)) return { ...state, strips };
  return { ...state, main: next, strips: strips.filter((id) => id !== next) };
}

// The agent asks for a call. The one that it replaces stands beside it, while it matters.
function shown(state, id) {
  if (state.main === id || !state.calls[id]?.data) return state;
  const main = state.calls[state.main];
  const strips = state.strips.filter((one) => one !== id);
  const aside = goesOn(main) ? [state.main, ...strips] : strips;
  return { ...state, main: id, strips: aside };
}

function dismissed(state, id) {
  const strips = state.strips.filter((one) => one !== id);
  const gone = { ...state, strips, dismissed: [...state.dismissed, id].slice(-KEPT_CALLS) };
  if (state.main !== id) return gone;
  const next = strips.find((one) => rings(state.calls[one])) ?? strips[0] ?? null;
  return { ...gone, main: next, strips: strips.filter((one) => one !== next) };
}

// -- across a reload --------------------------------------------------------------------------------------------------

// From where a reloaded page resumes to see again what it lists: just before its oldest call rang.
export function bookmark(state) {
  if (state.epoch === null) return null;
  const oldest = Math.min(state.sequence + 1, ...state.order.map((id) => state.calls[id].firstIn));
  return { epoch: state.epoch, sequence: Math.max(0, oldest - 1), dismissed: state.dismissed };
}

