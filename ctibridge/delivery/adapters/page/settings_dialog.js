// The settings: a panel beside the call, not over it. Not modal: a call that rings meanwhile stays visible and usable.

import { el, fill } from "./dom.js";
import { LANGUAGES, t } from "./messages.js";
import { THEMES } from "./settings.js";

const NARROW = "(max-width: 60rem)"; // there the panel covers the call
const CLOSE = "settings.close";
const MENDED_IN_WORDS = new Set(["denied", "insecure", "unsupported"]);

export class SettingsDialog {
  #node;
  #settings;
  #alerts;
  #main = null;

  constructor(node, settings, alerts) {
    this.#node = node;
    this.#settings = settings;
    this.#alerts = alerts;
    node.setAttribute("aria-labelledby", "settings-title");
    // What is typed here is meant for the settings, not for the call.
    node.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") this.close();
    });
    settings.addEventListener("change", () => this.draw());
    alerts.addEventListener("change", () => this.#changed());
  }

  open() {
    if (this.#node.open) return;
    this.#build();
    this.draw();
    this.#node.show();
  }

  // Gives the focus back to the button that opened it.
  close() {
    this.#node.close();
  }

  toggle() {
    if (this.#node.open) this.close();
    else this.open();
  }

  #changed() {
    const main = this.#alerts.state?.main ?? null;
    if (main !== null && main !== this.#main && this.#node.open && matchMedia(NARROW).matches) this.close();
    this.#main = main;
    this.draw();
  }

  draw() {
    if (!this.#node.open && !this.#node.childElementCount) return;
    this.#drawChecks();
    this.#drawFields();
  }

  // -- before the shift -----------------------------------------------------------------------------------------------

  #drawChecks() {
    this.#drawNotifications(this.#alerts.notificationState);
    this.#drawSound(this.#alerts.soundState);
    this.#drawRehearsal(this.#alerts.rehearsal);
  }

  #drawNotifications(name) {
    const ask = () => this.#alerts.notifications.ask();
    fill(this.#part("check-notifications"), name, () => [
      state("settings.check.notifications", name, t(`settings.notifications.${name}`)),
      name === "default" ? button("settings.check.allow", ask, "button primary") : null,
      MENDED_IN_WORDS.has(name) ? el("p", { class: "hint" }, t(`settings.notifications.${name}_mend`)) : null,
    ]);
  }

  #drawSound(name) {
    const elsewhere = this.#alerts.state?.leader === false && name === "ready";
    const listen = () => this.#alerts.listen();
    fill(this.#part("check-sound"), [name, elsewhere], () => [
      state("settings.check.sound", name, t(`settings.sound.${elsewhere ? "elsewhere" : name}`)),
      name === "unsupported" ? null : button("settings.check.listen", listen),
    ]);
  }

  #drawRehearsal({ runs, mayStart }) {
    const { rehearsal } = this.#alerts;
    fill(this.#part("check-pop"), [runs, mayStart], () => [
      state("settings.test_pop", "", t(`settings.test_pop.${runs || mayStart ? "hint" : "busy"}`)),
      runs
        ? button("settings.test_pop.stop", () => rehearsal.stop())
        : button("settings.test_pop.start", () => rehearsal.start(), "button", !mayStart),
    ]);
  }

  #part(name) {
    return this.#node.querySelector(`.${name}`);
  }

  // -- what the agent likes -------------------------------------------------------------------------------------------

  #drawFields() {
    for (const field of this.#node.querySelectorAll("[name]")) {
      const value = this.#settings.value[field.name];
      if (field.type === "checkbox") field.checked = value;
      else if (field.value !== String(value)) field.value = value;
    }
    const shown = this.#alerts.state?.notification ?? "company";
    const hint = this.#part("notify-hint");
    fill(hint, shown, () => [t(`settings.ring.notify_hint.${shown}`)]);
    this.#node.querySelector("[name=notify]").disabled = shown === "none";
    this.#node.querySelector("[name=volume]").disabled = !this.#settings.value.sound;
  }

  #build() {
    if (this.#node.childElementCount) return;
    const close = () => this.close();
    this.#node.append(
      el("div", { class: "settings-head" }, said("h2", "settings.title", { id: "settings-title" }), el("button", {
        type: "button", class: "tool", "data-t-label": CLOSE, "aria-label": t(CLOSE), onclick: close,
      }, "×")),
      section("settings.check.title", ...["notifications", "sound", "pop"].map((name) =>
        el("div", { class: `check check-${name}`, role: "group", "aria-live": "polite" }))),
      section("settings.ring.title", ...this.#ringing()),
      section("settings.page.title",
        this.#choice("settings.page.language", "language", [
          said("option", "settings.page.language_browser", { value: "" }),
          ...LANGUAGES.map((tag) => el("option", { value: tag, lang: tag }, endonym(tag))),
        ]),
        this.#choice("settings.page.theme", "theme",
          THEMES.map((theme) => said("option", `settings.theme.${theme}`, { value: theme })))));
  }

  #ringing() {
    return [
      this.#switch("settings.ring.notify", "notify"),
      el("p", { class: "hint notify-hint" }),
      this.#switch("settings.ring.sound", "sound"),
      this.#volume(),
      this.#switch("settings.ring.title_flag", "title"),
      this.#switch("settings.ring.badge", "badge"),
    ];
  }

  #switch(key, name) {
    const onchange = (event) => this.#settings.set({ [name]: event.target.checked });
    return el("label", { class: "setting" }, said("span", key), el("input", { type: "checkbox", name, onchange }));
  }

  #volume() {
    const oninput = (event) => this.#settings.set({ volume: Number(event.target.value) });
    const onchange = () => this.#alerts.listen();
    const range = { type: "range", name: "volume", min: 0, max: 100, step: 5, oninput, onchange };
    return el("label", { class: "setting" }, said("span", "settings.ring.volume"), el("input", range));
  }

  #choice(key, name, options) {
    const onchange = (event) => this.#settings.set({ [name]: event.target.value });
    return el("label", { class: "setting" }, said("span", key), el("select", { name, onchange }, ...options));
  }
}

// Words that `messages.js` puts into another language where they stand.
const said = (tag, key, attributes = {}) => el(tag, { ...attributes, "data-t": key }, t(key));

const section = (key, ...children) => el("section", {}, said("h3", key), ...children);

const button = (key, onclick, look = "button", disabled = false) =>
  el("button", { type: "button", class: look, onclick, disabled }, t(key));

const state = (key, name, words) =>
  el("p", { class: "check-state", "data-state": name }, el("b", {}, t(key)), el("span", {}, words));

function endonym(tag) {
  const name = new Intl.DisplayNames([tag], { type: "language" }).of(tag);
  return name.charAt(0).toLocaleUpperCase(tag) + name.slice(1);
}
