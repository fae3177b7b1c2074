// What the agent asks of a call and writes to it: search, selection, notes. Pure.
//
// search: {call, text} while the agent looks for somebody; people: its newest answer; selected, suggestions, drafts,
// sending: by call. sending: a note on its way; it is a draft again if it did not arrive.

export const NOTHING_ASKED = Object.freeze({
  search: null,
  people: null,
  selected: {},
  suggestions: {},
  drafts: {},
  sending: {},
});

export function reduceAsked(state, action) {
  switch (action.type) {
    case "search":
      return { ...state, search: { call: action.call, text: action.text }, people: state.search ? state.people : null };
    case "search-over":
      return { ...state, search: null, people: null };
    case "people":
      return answers(state.search, action.data) ? { ...state, people: action.data } : state;
    case "select":
      return selected(state, action);
    case "error":
      return { ...state, selected: answered(state) };
    case "draft":
      return { ...state, drafts: set(state.drafts, action.call, action.text || null) };
    case "note-sent":
      return noteSent(state, action);
    default:
      return state;
  }
}

const answers = (search, data) =>
  search !== null && search.call === data.call && search.text.trim() === data.text.trim();

const selected = (state, { call, chosen }) =>
  ({ ...state, selected: set(state.selected, call, chosen), suggestions: set(state.suggestions, call, null) });

// What was refused, or not sent, will not be answered: nothing waits for it.
const answered = ({ selected: chosen, suggestions }) =>
  Object.fromEntries(Object.entries(chosen).filter(([call]) => suggestions[call]));

const noteSent = (state, { call, text }) =>
  ({ ...state, drafts: set(state.drafts, call, null), sending: set(state.sending, call, text) });

function set(map, key, value) {
  const { [key]: before, ...others } = map;
  return value === null ? others : { ...others, [key]: value };
}

// What was on its way when the connection broke, or when the service refused it, is in the field again.
export function notesReturned(state) {
  const drafts = { ...state.drafts };
  for (const [call, text] of Object.entries(state.sending)) {
    drafts[call] = [text, drafts[call]].filter(Boolean).join("\n");
  }
  return { ...state, drafts, sending: {} };
}

// A note of mine arrived. It may have been given up for lost before.
export function noteArrived(state, { call, by, note }) {
  if (by !== state.agent || typeof note !== "string") return state;
  const lost = state.drafts[call.id]?.trim() === note.trim();
  return {
    ...state,
    sending: set(state.sending, call.id, null),
    drafts: lost ? set(state.drafts, call.id, null) : state.drafts,
  };
}

export const suggested = (state, data) => ({ ...state, suggestions: set(state.suggestions, data.call.id, data) });

// What was found and suggested for a call is of people and services that this agent may not see any more.
export const unasked = (state, id) => ({
  ...state,
  people: state.search?.call === id ? null : state.people,
  selected: set(state.selected, id, null),
  suggestions: set(state.suggestions, id, null),
});

// What was asked of calls that are forgotten.
export function without(state, ids) {
  const rest = (map) => Object.fromEntries(Object.entries(map).filter(([id]) => !ids.includes(id)));
  const { selected: chosen, suggestions, drafts } = state;
  return { ...state, selected: rest(chosen), suggestions: rest(suggestions), drafts: rest(drafts) };
}

// A search belongs to the call that is on the page.
export const withoutStaleSearch = (state) =>
  state.search && state.search.call !== state.main ? { ...state, search: null, people: null } : state;
