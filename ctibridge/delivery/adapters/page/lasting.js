// How long this desk stays open: a new token in time, while nothing rings, or a word that it ends.

const RENEW_AT = 11 / 12; // of what is left: an hour before the end of twelve
const SOON = 30 * 60_000;
const LATER = 60_000;
const LONGEST = 2 ** 31 - 1; // a timer's

export class Lasting {
  #renew;
  #warn;
  #isBusy;
  #endsAt = 0;
  #timers = [];

  // renew() → false: it will do no better later; warn(milliseconds); isBusy(): a new connection would disturb now
  constructor({ renew, warn, isBusy }) {
    this.#renew = renew;
    this.#warn = warn;
    this.#isBusy = isBusy;
  }

  // seconds: until the token ends; null: never
  welcomed(seconds) {
    this.over();
    const left = seconds === null ? Infinity : seconds * 1000;
    if (left > LONGEST) return;
    this.#endsAt = Date.now() + left;
    this.#in(left * RENEW_AT, () => this.#try());
    this.#in(Math.max(0, left - SOON), () => this.#warn(this.#endsAt));
  }

  over() {
    this.#timers.forEach(clearTimeout);
    this.#timers = [];
  }

  async #try() {
    if (this.#isBusy()) return this.#in(LATER, () => this.#try());
    if (await this.#renew() === false) return;
    const left = this.#endsAt - Date.now();
    if (left > LATER) this.#in(Math.max(LATER, left / 2), () => this.#try()); // a welcome comes before
  }

  #in(milliseconds, act) {
    this.#timers.push(setTimeout(act, milliseconds));
  }
}
