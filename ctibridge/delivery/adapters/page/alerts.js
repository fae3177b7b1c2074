// How a ringing call gets the agent's attention: title, icon, badge, notification, sound. `plan` says what there should
// be, the rest brings it about and changes only what is different. Screens are shared with customers: title and
// notification name company and language, never more unless the provider wants it so.

import { companyOf, digitsOf, nameOf, rings } from "./entries.js";
import { t, words } from "./messages.js";
import { Notifications } from "./notification.js";
import { isRehearsal, Rehearsal } from "./rehearsal.js";
import { Sound } from "./sound.js";

const NAME = "ctibridge";
const ICON = "page/icon.svg";
const ICON_RINGING = "page/icon-ringing.svg";

const company = (data) => companyOf(data) ?? t("settings.notification.no_company");

// Calls that ring as far as is known now: without a connection nothing is known, and nothing is claimed.
function plan(state, settings) {
  const live = state.link.status === "live";
  const ringing = [state.main, ...state.strips]
    .map((id) => state.calls[id])
    .filter((entry) => rings(entry) && entry.data && (live || isRehearsal(entry.call.id)));
  const mine = ringing.filter((entry) => state.leader === true || isRehearsal(entry.call.id));
  const notify = settings.notify && state.notification !== "none";
  return {
    title: settings.title && ringing.length ? titleOf(ringing[0].data) : NAME,
    badge: settings.badge ? ringing.length : 0,
    notifications: notify ? ringing.map((entry) => notificationOf(entry, state, mine.includes(entry))) : [],
    sounding: settings.sound ? mine.map(keyOf) : [],
    talking: state.calls[state.main]?.call.state === "answered",
  };
}

const keyOf = ({ call }) => `${call.id} ${call.round ?? 1}`;
const titleOf = (data) => `● ${company(data)} · ${data.language.endonym}`;

function notificationOf(entry, state, mine) {
  const { language } = entry.data;
  const full = state.notification === "full";
  const body = full
    ? t("settings.notification.full", { language: language.endonym, who: caller(entry.data) })
    : language.endonym;
  return { key: keyOf(entry), tag: entry.call.id, title: company(entry.data), body, mine };
}

const caller = (data) => nameOf(data) ?? digitsOf(data) ?? t("settings.notification.withheld");

// "change" when permission, sound, rehearsal or what else the tools show has changed.
export class Alerts extends EventTarget {
  #act;
  #settings;
  #sounded = new Set(); // rounds that were heard once, while another call is talked on
  #shown = "";
  state = null;

  constructor(settings, act) {
    super();
    this.#act = act;
    this.#settings = settings;
    this.sound = new Sound();
    this.notifications = new Notifications();
    this.rehearsal = new Rehearsal(act);
    const changed = () => {
      this.#apply(); // a call that rings when leave is given appears at once
      this.dispatchEvent(new Event("change"));
    };
    for (const part of [this.sound, this.notifications, this.rehearsal]) part.addEventListener("change", changed);
    settings.addEventListener("change", () => this.#apply());
    this.#apply();
  }

  // "none": not wanted by the provider; "off": by the agent; else what the browser permits.
  get notificationState() {
    if (this.state?.notification === "none") return "none";
    return this.#settings.value.notify ? this.notifications.permission : "off";
  }

  get soundState() {
    if (this.sound.state === "unsupported") return "unsupported";
    return this.#settings.value.sound ? this.sound.state : "off";
  }

  update(state) {
    this.state = state;
    this.#apply();
    this.rehearsal.update(state);
    const shown = JSON.stringify([state.leader, state.notification, state.main, words]);
    if (shown !== this.#shown) this.dispatchEvent(new Event("change"));
    this.#shown = shown;
  }

  #apply() {
    const settings = this.#settings.value;
    this.sound.volume = settings.volume;
    if (settings.sound) this.sound.prepare();
    if (!this.state) return;
    const wanted = plan(this.state, settings);
    if (document.title !== wanted.title) document.title = wanted.title;
    mark(wanted.badge);
    this.notifications.update(wanted.notifications.map((one) => ({ ...one, onClick: () => this.#show(one.tag) })));
    this.#ring(wanted);
  }

  // As it will sound. A call that rings is heard anyway.
  listen() {
    if (!this.sound.plays) this.sound.play({ repeat: false });
  }

  #show(call) {
    this.#act({ type: "show", call });
  }

  // Repeated until the last one stops; once only where the agent is talking with somebody.
  #ring({ sounding, talking }) {
    const [before, fresh] = [this.#sounded, sounding.some((key) => !this.#sounded.has(key))];
    this.#sounded = new Set(sounding);
    if (!sounding.length) {
      if (before.size) this.sound.stop(); // and not what the agent listens to in the settings
    } else if (talking) {
      if (fresh) this.sound.play({ repeat: false });
      else if (this.sound.repeats) this.sound.stop();
    } else if (!this.sound.repeats) this.sound.play({ repeat: true });
  }
}

// The tab's icon, and the number on the program's own where the page is installed as one.
let marked = 0;
function mark(count) {
  if (count === marked) return;
  marked = count;
  document.querySelector('link[rel="icon"]')?.setAttribute("href", count ? ICON_RINGING : ICON);
  const done = count ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.();
  done?.catch(() => {}); // not installed
}
