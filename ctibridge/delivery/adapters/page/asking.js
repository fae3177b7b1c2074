// What the page asks the daemon for by itself: the calls of today behind each welcome and when the day turns, and who
// is here, again and again while somebody looks.

import { midnight } from "./today.js";

const EACH = 60_000;
const NEARLY = 59_000; // a timer may be early
const A_SHIFT = 8 * 3_600_000; // who was missed before midnight still waits behind it

export class Asking {
  #act;
  #live = false;
  #day = null;
  #lookedAt = 0;

  constructor(act) {
    this.#act = act;
    setInterval(() => this.#again(), EACH);
    document.addEventListener("visibilitychange", () => this.#again());
  }

  heard(action) {
    if (action.type === "link") this.#live = false;
    if (action.type !== "welcome") return;
    this.#live = true;
    this.askToday();
    this.#askWhoIsHere();
  }

  #again() {
    if (!this.#live) return;
    if (midnight(Date.now()) !== this.#day) this.askToday();
    if (document.visibilityState === "visible" && Date.now() - this.#lookedAt >= NEARLY) this.#askWhoIsHere();
  }

  askToday() {
    this.#day = midnight(Date.now());
    const since = new Date(Math.min(this.#day, Date.now() - A_SHIFT)).toISOString();
    this.#ask({ type: "today", since });
  }

  #askWhoIsHere() {
    this.#lookedAt = Date.now();
    this.#ask({ type: "colleagues" });
  }

  #ask(frame) {
    this.#act({ type: "send", frame });
  }
}
