// What the customer of the call on the page has its agents told: how to verify who calls, what is going on there, and a
// briefing. All of it is plain text of several lines that somebody there wrote.

import { el, own } from "./dom.js";
import { stateOf } from "./entries.js";
import { t } from "./messages.js";
import { steady } from "./rows.js";

const LONG = 220; // characters; and lines:
const LINES = 4;
const unfolded = new Set(); // accounts whose briefing was asked for in full
const PATIENCE = 2_000; // milliseconds that a hand in the lists below is let go on, before they are pushed down
const LOOK_AGAIN = 250;
let held = null; // since when, and the next look
let again = () => {};

export function renderCustomer(section, state) {
  again = () => renderCustomer(section, state);
  const entry = state.calls[state.main];
  const customer = entry?.data?.customer ?? null;
  const over = stateOf(entry) === "ended";
  const told = customer && (customer.briefing || customer.verification || customer.announcements.length);
  if (told && isHeld(section)) return;
  section.hidden = !told;
  const box = section.firstElementChild ?? section.appendChild(el("div"));
  steady(box, told ? [customer, over] : null, () => (told ? about(customer, over) : []));
}

// Nothing moves under a hand: who is about to press something in the lists below presses that.
function isHeld(section) {
  clearTimeout(held?.timer);
  const since = held?.since ?? Date.now();
  const hand = section.hidden && section.parentElement.querySelector("#customer ~ :is(:hover, :focus-within)");
  held = hand && Date.now() - since < PATIENCE ? { since, timer: setTimeout(again, LOOK_AGAIN) } : null;
  return held !== null;
}

function about({ account, briefing, verification, announcements }, over) {
  return [
    el("h2", {}, own(t("rail.customer.title", { account: account.name }))),
    announcements.length ? el("ul", { class: "announcements", "aria-label": t("rail.customer.announcements") },
      announcements.map(announcement)) : null,
    verification && !over ? el("div", { class: "verification" },
      el("h3", {}, t("rail.customer.verification")), plain(verification)) : null,
    briefing ? el("div", { class: "briefing" },
      el("h3", {}, t("rail.customer.briefing")), folded(briefing, account.id)) : null,
  ];
}

const announcement = ({ text, site }) =>
  el("li", {}, plain(text), site ? el("span", { class: "site" }, t("rail.customer.site", { site })) : null);

// `und`: nobody said in which language it is.
const plain = ({ language, text }, attributes = {}) =>
  el("p", { class: "plain", lang: language === "und" ? null : language, dir: "auto", ...attributes }, text);

function folded(text, account) {
  if (text.text.length <= LONG && text.text.split("\n").length <= LINES) return plain(text);
  const body = plain(text, { id: "briefing-text" });
  const press = el("button", { type: "button", class: "more", "data-focus": "more", "aria-controls": "briefing-text",
    onclick: () => turn(!unfolded.has(account)) });
  function turn(open) {
    if (open) unfolded.add(account);
    else unfolded.delete(account);
    body.classList.toggle("folded", !open);
    press.textContent = t(open ? "rail.customer.less" : "rail.customer.more");
    press.setAttribute("aria-label", t(open ? "rail.customer.less_of" : "rail.customer.more_of"));
    press.setAttribute("aria-expanded", String(open));
  }
  turn(unfolded.has(account));
  return [body, press];
}
