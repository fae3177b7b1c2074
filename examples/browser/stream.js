// A desk of ctibridge in any page: signs in, resumes, acknowledges, and comes back by itself.
//
//   const desk = new Desk("ws://127.0.0.1:8137/v1/desk", token, { welcome, event, state });
//   desk.open();
//
// welcome(data): all there is, when the desk could not be resumed. event(event): a CloudEvent. state(word, reason):
// `live`, `waiting` or `ended`. Whatever stands in them is text of strangers: textContent, never innerHTML.

const FOR_GOOD = new Set([4400, 4401, 4403]);
const LONGEST_WAIT = 30;

export class Desk {
  #url;
  #token;
  #told;
  #socket = null;
  #timer = 0;
  #place = null;
  #tries = 0;

  constructor(url, token, told) {
    this.#url = url;
    this.#token = token;
    this.#told = told;
  }

  open() {
    const socket = new WebSocket(this.#url, "ctibridge.v1");
    socket.onopen = () => this.send({ type: "auth", token: this.#token, resume: this.#place });
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    socket.onclose = ({ code, reason }) => this.#lost(code, reason);
    this.#socket = socket;
  }

  send(frame) {
    this.#socket.send(JSON.stringify(frame));
  }

  close() {
    clearTimeout(this.#timer);
    this.#socket.onclose = null;
    this.#socket.onmessage = null;
    this.#socket.close();
  }

  #hear(frame) {
    if (frame.type === "welcome") this.#greeted(frame.data);
    else if ("sequence" in frame) this.#take(frame);
  }

  #greeted(data) {
    this.#tries = 0;
    if (!data.resumed) {
      this.#place = { epoch: data.epoch, sequence: data.sequence };
      this.#told.welcome(data);
    }
    this.#told.state("live", "");
  }

  #take(event) {
    this.#told.event(event);
    this.#place.sequence = Number(event.sequence);
    this.send({ type: "ack", sequence: this.#place.sequence });
  }

  #lost(code, reason) {
    if (FOR_GOOD.has(code)) {
      this.#told.state("ended", reason);
      return;
    }
    this.#told.state("waiting", reason);
    const asked = /retry in (\d+) s/.exec(reason);
    const seconds = asked ? Number(asked[1]) : Math.min(2 ** this.#tries, LONGEST_WAIT);
    this.#tries += 1;
    this.#timer = setTimeout(() => this.open(), 1000 * (seconds + Math.random()));
  }
}
