// How this agent likes the page, kept in this browser. What was stored is checked: anybody can write there.

import { LANGUAGES } from "./messages.js";

const KEY = "ctibridge.settings";
export const THEMES = ["system", "light", "dark"];

const DEFAULTS = Object.freeze({
  notify: true,
  sound: true,
  volume: 60, // per cent
  title: true,
  badge: true,
  language: "", // that of the browser; else one of LANGUAGES
  theme: "system",
});

const isBoolean = (value) => typeof value === "boolean";
const IS_VALID = {
  notify: isBoolean,
  sound: isBoolean,
  volume: (value) => Number.isInteger(value) && value >= 0 && value <= 100,
  title: isBoolean,
  badge: isBoolean,
  language: (value) => value === "" || LANGUAGES.includes(value),
  theme: (value) => THEMES.includes(value),
};

// Each setting by itself: one that makes no sense does not take the others with it.
export function parse(text) {
  const found = { ...objectIn(text) };
  const value = (name) => (Object.hasOwn(found, name) && IS_VALID[name](found[name]) ? found[name] : DEFAULTS[name]);
  return Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, value(name)]));
}

function objectIn(text) {
  try {
    const found = JSON.parse(text);
    return typeof found === "object" ? found : null;
  } catch {
    return null;
  }
}

// `value` is frozen; "change" is heard here, and in the other tabs of this browser.
export class Settings extends EventTarget {
  value = Object.freeze(parse(stored()));

  constructor() {
    super();
    this.#dress();
    addEventListener("storage", ({ key }) => (key === KEY || key === null) && this.#become(parse(stored())));
  }

  set(changes) {
    const value = { ...this.value, ...changes };
    try {
      localStorage.setItem(KEY, JSON.stringify(value));
    } catch {
      // No room or no leave to store: they hold until the page is closed.
    }
    this.#become(value);
  }

  #become(value) {
    this.value = Object.freeze(value);
    this.#dress();
    this.dispatchEvent(new Event("change"));
  }

  #dress() {
    const { dataset } = document.documentElement;
    if (this.value.theme === "system") delete dataset.theme;
    else dataset.theme = this.value.theme;
  }
}

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
