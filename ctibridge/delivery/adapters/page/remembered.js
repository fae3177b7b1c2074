// What a reload of this tab must not lose: the token, from where to resume, what was put away, notes that are not sent.
// It is the tab's own and gone with it.

const TOKEN = "ctibridge.token";
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
export const keepToken = (text) => write(TOKEN, text);
export const bookmark = () => read(BOOKMARK);
export const keepBookmark = (value) => write(BOOKMARK, value);
export const drafts = () => read(DRAFTS) ?? {};
export const keepDrafts = (value) =>
  (Object.keys(value).length ? write(DRAFTS, value) : remove(DRAFTS));
export const forget = () => [TOKEN, BOOKMARK, DRAFTS].forEach(remove);
