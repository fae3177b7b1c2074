// The three buttons in the bar: notifications, sound, settings. They are quiet while all is well; what keeps a call
// from being noticed stands there in words, before the first call.

import { byId, el } from "./dom.js";
import { t } from "./messages.js";
import { SettingsDialog } from "./settings_dialog.js";

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  bell: "M6 17V11a6 6 0 0 1 12 0v6l1.500 1.500h-15z M10 21.500h4",
  "bell-off": "M6 17V11a6 6 0 0 1 12 0v6l1.500 1.500h-15z M10 21.500h4 M4 3l16 18",
  speaker: "M4 9.500v5h3.500l4.500 4v-13l-4.500 4z M15.500 9a4.200 4.200 0 0 1 0 6 M18 6.500a7.800 7.800 0 0 1 0 11",
  "speaker-off": "M4 9.500v5h3.500l4.500 4v-13l-4.500 4z M16 9.500l5 5 M21 9.500l-5 5",
  sliders: "M4 7h9 M18.500 7H20 M4 17h2.500 M12 17h8 M13 7a2.700 2.700 0 1 0 5.500 0a2.700 2.700 0 1 0-5.500 0 "
    + "M6.500 17a2.700 2.700 0 1 0 5.500 0a2.700 2.700 0 1 0-5.500 0",
};
const SHOWN_IN_WORDS = new Set(["default", "denied", "insecure", "blocked"]);

export class Tools {
  #settings;
  #alerts;
  #wasBlocked = false;

  constructor(settings, alerts) {
    this.#settings = settings;
    this.#alerts = alerts;
    this.dialog = new SettingsDialog(byId("settings"), settings, alerts);
    this.bell = tool({ onclick: () => this.#bell() });
    this.speaker = tool({ onclick: () => this.#speaker() });
    this.gear = tool({ onclick: () => this.dialog.toggle(), "aria-haspopup": "dialog" });
    byId("tools").replaceChildren(this.bell, this.speaker, this.gear);
    settings.addEventListener("change", () => this.draw());
    alerts.addEventListener("change", () => this.draw());
    // The press that lifts the block must not switch the sound off as well; seen here before Sound sees it.
    const pressed = () => (this.#wasBlocked = alerts.soundState === "blocked");
    for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, pressed, { capture: true });
    this.draw();
  }

  draw() {
    const { notificationState: bell, soundState: speaker } = this.#alerts;
    label(this.bell, bell === "granted" ? "bell" : "bell-off", bell, t(`settings.tool.notifications.${bell}`));
    label(this.speaker, speaker === "ready" ? "speaker" : "speaker-off", speaker, t(`settings.tool.sound.${speaker}`));
    label(this.gear, "sliders", "", t("settings.title"));
  }

  #bell() {
    if (this.#alerts.notificationState === "default") this.#alerts.notifications.ask();
    else this.dialog.open();
  }

  #speaker() {
    if (this.#wasBlocked) this.#alerts.listen();
    else this.#settings.set({ sound: !this.#settings.value.sound });
    this.#wasBlocked = false;
  }
}

const tool = (attributes) =>
  el("button", { type: "button", class: "tool", ...attributes }, picture(), el("span"));

// Changed where it stands: a press on a part that is replaced meanwhile is no click.
function label(button, icon, state, text) {
  if (button.title === text && button.dataset.state === state) return;
  const [{ firstChild: line }, words] = button.children;
  button.title = text;
  button.dataset.state = state;
  line.setAttribute("d", ICONS[icon]);
  words.className = SHOWN_IN_WORDS.has(state) ? "tool-words" : "unseen";
  words.textContent = text;
}

function picture() {
  const [svg, line] = ["svg", "path"].map((name) => document.createElementNS(SVG, name));
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.append(line);
  return svg;
}
