// The page with the keyboard alone. No key does anything while the agent types but those with Alt or Ctrl; those of one
// letter can be switched off (WCAG 2.1.4). Only here, and where he searches, does the focus move: by his own key.

import { byId, el } from "./dom.js";
import { t } from "./messages.js";

const STORED = "ctibridge.keys";
const TYPING = 'input:not([type="checkbox"]), textarea, select, [contenteditable]';
const SHOWN = [
  ["1 … 9", "frame.key.choose"],
  ["↓ ↑", "frame.key.move"],
  ["/", "frame.key.search"],
  ["N", "frame.key.note"],
  ["Ctrl ↵", "frame.key.send"],
  ["C", "frame.key.copy"],
  ["O", "frame.key.open"],
  ["D", "frame.key.dismiss"],
  ["Alt 1 … 9", "frame.key.switch"],
  ["X", "frame.key.next"],
  ["Esc", "frame.key.leave"],
  ["?", "frame.key.help"],
];

// As it stands on the reader's keyboard.
export const named = (keys) => keys.replace(/Ctrl|Esc/, (key) => t(`frame.keys.${key}`));

const press = (key) => document.querySelector(`#pop [data-key="${key}"]:not([hidden])`)?.click();
const LETTERS = {
  "/": () => (byId("search")?.checkVisibility() ? focus(byId("search")) : press("search")),
  n: () => focus(byId("note")),
  c: () => press("copy"),
  o: () => document.querySelector("#pop .link-out")?.click(),
  d: () => press("dismiss"),
  "?": () => help(),
};

export function listenToKeys(current, act) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog:modal")) return;
    if (handled(event, current(), act)) event.preventDefault();
  });
}

function handled(event, state, act) {
  if (event.ctrlKey || event.metaKey) return false;
  const strip = event.altKey && /^Digit[1-9]$/.test(event.code) ? Number(event.code.at(-1)) : null;
  if (strip !== null) return show(state.strips[strip - 1], act);
  if (event.target.closest?.(TYPING)) return event.key === "Escape" && leave(event.target);
  return !event.altKey && plain(event, state, act);
}

function plain(event, state, act) {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") return move(event.key === "ArrowDown" ? 1 : -1);
  if (!lettersOn()) return event.key === "?" && (help(), true);
  if (/^[1-9]$/.test(event.key)) return choose(Number(event.key));
  const key = event.key.toLowerCase();
  if (key === "x") return show(state.strips[0], act);
  if (!Object.hasOwn(LETTERS, key)) return false;
  LETTERS[key]();
  return true;
}

function show(call, act) {
  if (call === undefined) return false;
  act({ type: "show", call });
  return true;
}

function choose(rank) {
  const pick = document.querySelector(`#candidates [data-rank="${rank}"]`);
  pick?.click();
  return Boolean(pick);
}

// Through the candidates, where there are some to choose from.
function move(step) {
  const picks = [...document.querySelectorAll("#candidates .pick")];
  const at = picks.indexOf(document.activeElement);
  const isFree = document.activeElement === document.body || document.activeElement === byId("pop");
  const ambiguous = byId("pop").dataset.status === "ambiguous";
  if (!picks.length || (at < 0 && !(isFree && ambiguous))) return false;
  const next = at < 0 ? (step > 0 ? 0 : picks.length - 1) : (at + step + picks.length) % picks.length;
  return focus(picks[next]);
}

function focus(node) {
  node?.focus();
  return Boolean(node);
}

function leave(field) {
  field.blur();
  return true;
}

// What the agent pressed is gone with its press: the focus goes where its effect is, unless it is somewhere already.
export function moveTo(id) {
  requestAnimationFrame(() => {
    if (document.activeElement === document.body) byId(id)?.focus({ preventScroll: true });
  });
}

// -- the list of keys -------------------------------------------------------------------------------------------------

function lettersOn() {
  try {
    return localStorage.getItem(STORED) !== "off";
  } catch {
    return true;
  }
}

function switchLetters(on) {
  try {
    localStorage.setItem(STORED, on ? "on" : "off");
  } catch {
    // No leave to store.
  }
}

export function help() {
  const dialog = byId("keys");
  const change = (event) => switchLetters(event.target.checked);
  const letters = el("input", { type: "checkbox", checked: lettersOn(), onchange: change });
  dialog.replaceChildren(
    el("h2", { id: "keys-title" }, t("frame.keys")),
    el("dl", { class: "keys" }, SHOWN.map(([keys, text]) => el("div", {},
      el("dt", {}, el("kbd", {}, named(keys))), el("dd", {}, t(text))))),
    el("label", { class: "keys-switch" }, letters, t("frame.keys.letters")),
    el("form", { method: "dialog" }, el("button", { class: "button" }, t("frame.keys.close"))));
  dialog.showModal();
}
