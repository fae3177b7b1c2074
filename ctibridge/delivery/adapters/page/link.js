// The websocket: signs in, resumes, comes back by itself, spread over time. It knows nothing of calls.

const PING_EVERY = 20_000;
const SILENCE = 90_000;
const LONGEST_WAIT = 20_000;
const FINAL = { 4401: "Your token is not valid any more.", 4403: "This token does not open a desk." };

export class Link {
  #token = null;
  #socket = null;
  #failures = 0;
  #timer = null;
  #heardAt = 0;
  #opened = false;

  // onFrame(frame), onLink({status, reason, retryAt}), resume() → {epoch, sequence} or null
  constructor({ onFrame, onLink, resume }) {
    this.onFrame = onFrame;
    this.onLink = onLink;
    this.resume = resume;
    addEventListener("online", () => this.#socket === null && this.#token !== null && this.#connect());
    setInterval(() => this.#keepAlive(), PING_EVERY);
  }

  open(token) {
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
  }

  #signIn(socket) {
    this.#opened = true;
    this.#heardAt = Date.now();
    const resume = this.resume();
    socket.send(JSON.stringify({ type: "auth", token: this.#token, ...(resume && { resume }) }));
  }

  #heard(socket, text) {
    if (socket !== this.#socket) return;
    this.#heardAt = Date.now();
    const frame = JSON.parse(text);
    if (frame.type === "welcome") this.#failures = 0;
    this.onFrame(frame);
  }

  #closed(socket, { code }) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    if (code in FINAL) {
      this.#token = null;
      this.onLink({ status: "refused", reason: FINAL[code] });
      return;
    }
    const wait = code === 4008 ? 0 : this.#wait();
    this.#failures += 1;
    this.onLink({ status: "lost", reason: "", retryAt: Date.now() + wait });
    this.#timer = setTimeout(() => this.#connect(), wait);
    if (!this.#opened && this.#failures > 1) this.#whyNot();
  }

  // Twice as long each time, and anywhere within it: a floor full of pages does not come back in one instant.
  #wait() {
    return (0.25 + 0.75 * Math.random()) * Math.min(LONGEST_WAIT, 1000 * 2 ** this.#failures);
  }

  // A browser does not say why an upgrade was refused. If the service answers otherwise, it was this page's address.
  async #whyNot() {
    try {
      const answer = await fetch("healthz", { cache: "no-store" });
      if (answer.ok && this.#socket === null) {
        const reason = `The service takes no desks from ${location.origin}: open its own address.`;
        this.onLink({ status: "lost", reason });
      }
    } catch {
      // Not there either: simply away.
    }
  }

  #keepAlive() {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    if (Date.now() - this.#heardAt > SILENCE) {
      const socket = this.#socket;
      this.#closed(socket, { code: 1006 });
      socket.close();
    } else {
      this.send({ type: "ping" });
    }
  }
}
