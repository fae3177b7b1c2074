// The smallest tools to build the page with. Everything that comes from outside becomes a text node or an attribute that
// is no address and no script; nothing is ever focused, and what did not change is not touched.

import { words } from "./messages.js";

export const byId = (id) => document.getElementById(id);

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...present(children));
  return node;
}

const present = (children) =>
  [children].flat(Infinity).filter((child) => child !== null && child !== undefined && child !== "");

// What a stranger or another script wrote: it keeps its own direction and cannot turn its neighbours round.
export const own = (text, attributes = {}) => el("bdi", attributes, text);
export const number = (text) => el("bdi", { dir: "ltr", class: "number" }, text);

const SAFE_LINK = /^(https?|mailto|tel):/i;
export const isSafe = (url) => SAFE_LINK.test(url);

// A way out of the page, where its address is one; else the words alone.
export function linked(text, url, attributes = {}) {
  return url && isSafe(url)
    ? el("a", { href: url, target: "_blank", rel: "noopener noreferrer", ...attributes }, own(text))
    : own(text, attributes);
}

// Rebuilds a part only when what it shows, or the page's words, have changed: selections, focus and scrolling survive
// an update.
const shownIn = new WeakMap();
export function fill(node, value, build) {
  const key = words + JSON.stringify(value);
  if (shownIn.get(node) === key) return;
  shownIn.set(node, key);
  node.replaceChildren(...present(build()));
}
