// The page's own words in the reader's language, from `messages/LANGUAGE/PART.json`. Nothing here comes from a call.
//
// How to use it:
// * `await setLanguage(choice)` once before the first drawing, and again when the agent chooses another language; null
//   follows the browser. Draw anew behind it. It sets `lang` and `dir` of the document. False: words are missing, and
//   it is to be called again later.
// * `words` is another number where any word may be another one.
// * `t("part.key", {name})` is a text. Strings put in are isolated (U+2068 … U+2069), so that they cannot turn a
//   sentence round; numbers are written in the page's language. Where the text has plural forms, `n` chooses one.
// * Words that stand in the HTML: `data-t="part.key"` for an element's text, `data-t-label` for its aria-label.
// * `clock`, `ago`, `elapsed`, `list`, `languageName`: times, lists and languages as one writes them here.

export const LANGUAGES = ["en", "de", "fr", "es", "nl", "ar"];
const PARTS = ["frame", "pop", "context", "rail", "settings"];
const FALLBACK = "en";
const WITHIN = 10_000;
const RIGHT_TO_LEFT = new Set(["ar"]);

export let current = FALLBACK;
export let words = 0;
let locale = FALLBACK; // for Intl: the reader's own region where he names one
let texts = new Map();
let asked = 0;
const loaded = new Map();

const primary = (tag) => tag.toLowerCase().split("-")[0];
const isolate = (text) => `\u2068${text}\u2069`;

export function setLanguage(choice = null) {
  return load([choice, ...navigator.languages].filter(Boolean));
}

// wanted: BCP 47 tags, best first. What a language lacks is said in English.
async function load(wanted) {
  const mine = ++asked;
  const name = wanted.map(primary).find((one) => LANGUAGES.includes(one)) ?? FALLBACK;
  const [english, own] = await Promise.all([language(FALLBACK), language(name)]);
  if (mine !== asked) return true; // another choice was made meanwhile
  texts = new Map([...english, ...own]);
  words += 1;
  current = own.size ? name : FALLBACK;
  locale = inWesternDigits(wanted.find((one) => one.includes("-") && primary(one) === current) ?? current);
  document.documentElement.lang = current;
  document.documentElement.dir = RIGHT_TO_LEFT.has(current) ? "rtl" : "ltr";
  translate(document);
  return loaded.has(FALLBACK) && loaded.has(name);
}

// Telephone numbers are in these digits, and the numbers beside them should not differ.
function inWesternDigits(tag) {
  try {
    return new Intl.Locale(tag, { numberingSystem: "latn" }).toString();
  } catch {
    return primary(tag);
  }
}

async function language(name) {
  if (!loaded.has(name)) {
    const parts = await Promise.all(PARTS.map((part) => read(name, part)));
    const whole = new Map(parts.flatMap((one) => one ?? []));
    if (parts.includes(null)) return whole; // and asked for again the next time
    loaded.set(name, whole);
  }
  return loaded.get(name);
}

async function read(name, part) {
  try {
    const address = new URL(`messages/${name}/${part}.json`, import.meta.url);
    const answer = await fetch(address, { signal: AbortSignal.timeout(WITHIN) });
    return Object.entries(await answer.json()).map(([key, text]) => [`${part}.${key}`, text]);
  } catch {
    return null; // the service is away: English words, or those of before, are better than none
  }
}

export function t(key, params = {}) {
  const found = texts.get(key) ?? key;
  const text = typeof found === "string" ? found : found[new Intl.PluralRules(locale).select(params.n)] ?? found.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(params, name) ? written(params[name]) : whole));
}

const written = (value) =>
  typeof value === "number" ? new Intl.NumberFormat(locale).format(value) : isolate(value ?? "");

function translate(root) {
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll("[data-t-label]")) node.setAttribute("aria-label", t(node.dataset.tLabel));
}

// -- times, lists, languages ------------------------------------------------------------------------------------------

// when: ISO text or milliseconds. 14:02 in every language: a desk reads it beside clocks of other countries.
export function clock(when) {
  return new Date(when).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60]];

// "3 minutes ago", "yesterday", "now"
export function ago(when, now = Date.now()) {
  const seconds = (new Date(when) - now) / 1000;
  const [unit, length] = UNITS.find(([, one]) => Math.abs(seconds) >= one) ?? ["second", Infinity];
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(Math.trunc(seconds / length), unit);
}

// from, to: milliseconds. "2:05"
export function elapsed(from, to) {
  const seconds = Math.max(0, Math.round((to - from) / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

// "Ana, Ben and Carla": names stay in their own direction
export function list(items, type = "conjunction") {
  return new Intl.ListFormat(locale, { type }).format(items.map(isolate));
}

// "German (Switzerland)"; the dialect, "Swiss German", would be another one
export function languageName(tag) {
  try {
    return new Intl.DisplayNames(locale, { type: "language", languageDisplay: "standard" }).of(tag);
  } catch {
    return tag;
  }
}
