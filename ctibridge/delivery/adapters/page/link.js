// The websocket: signs in, resumes, comes back by itself, spread over time. It knows nothing of calls.

import { isProxys } from "./signing_in.js";

const PING_EVERY = 20_000;
const SILENCE = 90_000;
// A browser tries for minutes, where a network swallows what it says; calls ring meanwhile.
const OPENING = 20_000;
const WELCOME = 20_000; // from there on: a proxy may hold what the service does not know of
const LONGEST_WAIT = 20_000;
const LONGEST_ADVICE = 5 * 60_000;
const FINAL = new Set([4401, 4403]);
const ADVICE = /retry in (\d+(?:\.\d+)?) s\b/;

export class Link {
  #token = null;
  #socket = null;
  #failures = 0;
  #timer = null;
  #opening = null;
  #heardAt = 0;
  #opened = false;

  // onFrame(frame), onLink({status, reason}), where reason is a key of the messages or "", and resume() →
  // {epoch, sequence} or null
  constructor({ onFrame, onLink, resume }) {
    this.onFrame = onFrame;
    this.onLink = onLink;
    this.resume = resume;
    addEventListener("online", () => this.#socket === null && this.#token !== null && this.#connect());
    setInterval(() => this.#keepAlive(), PING_EVERY);
  }

  // In place of what was open: no two agents on one page.
  open(token) {
    const before = this.#socket;
    this.#socket = null; // nothing of it is heard any more
    clearTimeout(this.#opening);
    before?.close();
    this.#token = token;
    this.#failures = 0;
    this.#connect();
  }

  send(frame) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#opened = false;
    this.onLink({ status: this.#failures ? "lost" : "connecting", reason: "" });
    const address = new URL("v1/desk", location.href.split("#")[0]);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = (this.#socket = new WebSocket(address, "ctibridge.v1"));
    socket.addEventListener("open", () => this.#signIn(socket));
    socket.addEventListener("message", (message) => this.#heard(socket, message.data));
    socket.addEventListener("close", (event) => this.#closed(socket, event));
    this.#opening = setTimeout(() => this.#giveUp(socket), OPENING);
  }

  #signIn(socket) {
    if (socket !== this.#socket) return;
    this.#opened = true;
    clearTimeout(this.#opening);
    this.#opening = setTimeout(() => this.#giveUp(socket), WELCOME);
    this.#heardAt = Date.now();
    const resume = this.resume();
    socket.send(JSON.stringify({ type: "auth", token: this.#token, rings: true, ...(resume && { resume }) }));
  }

  #heard(socket, text) {
    if (socket !== this.#socket) return;
    this.#heardAt = Date.now();
    const frame = JSON.parse(text);
    if (frame.type === "welcome") this.#welcomed();
    this.onFrame(frame);
  }

  #welcomed() {
    clearTimeout(this.#opening);
    this.#failures = 0;
  }

  #closed(socket, { code, reason = "" }) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    clearTimeout(this.#opening);
    if (FINAL.has(code)) {
      this.#token = null;
      this.onLink({ status: "refused", reason: `frame.refused.${code}` });
      return;
    }
    const wait = code === 4008 ? 0 : advised(reason) ?? this.#wait();
    this.#failures += 1;
    this.onLink({ status: "lost", reason: "" });
    this.#timer = setTimeout(() => this.#connect(), wait);
    if (!this.#opened && this.#failures > 1) this.#whyNot();
  }

  // Twice as long each time, and anywhere within it: a floor full of pages does not come back in one instant.
  #wait() {
    return (0.25 + 0.75 * Math.random()) * Math.min(LONGEST_WAIT, 1000 * 2 ** this.#failures);
  }

  // A browser does not say why an upgrade was refused. If the service answers otherwise, it was this page's address;
  // if a proxy answers for it, his sign-in there has ended.
  async #whyNot() {
    try {
      const answer = await fetch("healthz", { cache: "no-store", redirect: "manual" });
      if (this.#socket !== null) return;
      if (isProxys(answer)) this.onLink({ status: "lost", reason: "frame.alert.signed_off" });
      else if (answer.ok) this.onLink({ status: "lost", reason: "frame.alert.elsewhere" });
    } catch {
      // Not there either: simply away.
    }
  }

  #keepAlive() {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    if (Date.now() - this.#heardAt > SILENCE) this.#giveUp(this.#socket);
    else this.send({ type: "ping" });
  }

  #giveUp(socket) {
    this.#closed(socket, { code: 1006 });
    socket.close();
  }
}

// The service knows how many desks it has, and when it wants this one back. Milliseconds, or undefined.
function advised(reason) {
  const seconds = ADVICE.exec(reason)?.[1];
  return seconds === undefined ? undefined : Math.min(Number(seconds) * 1000, LONGEST_ADVICE);
}
