// What a reload of this tab must not lose: the token, and whom a proxy signed in with it; from where to resume, what was
// put away, notes that are not sent.
// It is the tab's own and gone with it.

const TOKEN = "ctibridge.token";
const SIGNED_IN = "ctibridge.signed_in";
const BOOKMARK = "ctibridge.bookmark";
const DRAFTS = "ctibridge.drafts";

function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

function write(key, value) {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // No leave or no room to store: then it is gone with a reload.
  }
}

function remove(key) {
  try {
    sessionStorage.removeItem(key);
  } catch {
    // No leave to store: then nothing is there.
  }
}

export const token = () => read(TOKEN);
export const signedIn = () => read(SIGNED_IN);

// agent: whom a proxy named; null: the token was given by hand.
export function keepToken(text, agent) {
  write(TOKEN, text);
  if (agent === null) remove(SIGNED_IN);
  else write(SIGNED_IN, agent);
}

export const forgetToken = () => remove(TOKEN);

export const bookmark = () => read(BOOKMARK);
export const keepBookmark = (value) => write(BOOKMARK, value);
export const drafts = () => read(DRAFTS) ?? {};
export const keepDrafts = (value) =>
  (Object.keys(value).length ? write(DRAFTS, value) : remove(DRAFTS));
export const forget = () => [TOKEN, SIGNED_IN, BOOKMARK, DRAFTS].forEach(remove);
