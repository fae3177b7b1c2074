// The test pop before the shift: a ringing made in this page alone, as its real ones are, and never sent anywhere.

import { current, t } from "./messages.js";
import { rings } from "./entries.js";

const RINGS_FOR = 20_000;
const PREFIX = "rehearsal-";

export const isRehearsal = (id) => id.startsWith(PREFIX);

// languages: BCP 47 tags, best first. An event as the service sends it, apart from its sequence.
function rehearsal(languages, now = new Date()) {
  const [tag = "en"] = languages;
  const id = `${PREFIX}${now.getTime()}`;
  const call = { id, state: "ringing", line: "", trunk: "", rang_at: now.toISOString() };
  return event("call.ringing", now, { call, rehearsal: true, ...story(tag, now) });
}

function ended({ data: { call } }, now = new Date()) {
  const over = { ...call, state: "ended", ended_at: now.toISOString(), outcome: "abandoned" };
  return event("call.ended", now, { call: over });
}

const event = (type, now, data) =>
  ({ specversion: "1.0", type, subject: data.call.id, time: now.toISOString(), sequence: "0", data });

function story(tag, now) {
  const account = { id: "rehearsal", name: t("settings.rehearsal.company") };
  return {
    caller: CALLER,
    called: { ...CALLED, account, name: account.name },
    language: language(tag),
    resolution: { status: "identified", revision: 1, account, candidates: [candidate(tag, account, now)] },
    context: CONTEXT,
    trust: { verified: false, signals: [] },
    links: [],
    hand_over: null,
    customer: null,
  };
}

const WHO = { number: null, raw: null, display_name: null, extension: null, diverted_by: null, internal: null };
const CALLER = { ...WHO, presentation: "allowed", source: "From", attestation: "not-checked", remarks: [] };
const CALLED = { number: null, support_hours: "open", granted: true, holiday: null, out_of_hours: null };
const ABOUT = { services: [], configuration_items: [], requests: [], standard_requests: [], knowledge_articles: [] };
const CONTEXT = { ...ABOUT, major_incidents: [], repeat: null, failed: [], complete: true };
const PERSON = { organization: null, site: null, email: null, pronunciation: null, vip: false, disabled: false };

function language(tag) {
  const named = (locale) => new Intl.DisplayNames([locale], { type: "language" }).of(tag);
  const said = { greeting: t("settings.rehearsal.greeting"), spoken_by_agent: true, spoken_by: [] };
  return { tag, name: named("en"), endonym: named(tag), source: "default", ...said };
}

function candidate(tag, account, now) {
  const clock = {
    time_zone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
    local_time: now.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" }),
    after_hours: null,
  };
  const who = { account: account.id, id: "rehearsal", name: t("settings.rehearsal.person"), language: tag };
  const person = { ...PERSON, ...who, ...clock, job_title: t("settings.rehearsal.job") };
  return { person, account, evidence: [] };
}

const isBusy = (entry) => rings(entry) || entry?.call.state === "answered";

// "change" when it begins and when it is over: after 20 s, when it is put away, or when somebody really calls.
export class Rehearsal extends EventTarget {
  #act;
  #event = null;
  #timer = null;
  #busy = false;

  constructor(act) {
    super();
    this.#act = act;
  }

  get runs() {
    return this.#event !== null;
  }

  // Nobody rehearses while a customer rings or talks.
  get mayStart() {
    return !this.runs && !this.#busy;
  }

  start() {
    if (!this.mayStart) return;
    this.#event = rehearsal([current]);
    this.#timer = setTimeout(() => this.stop(), RINGS_FOR);
    this.#act({ type: "event-local", event: this.#event });
    this.dispatchEvent(new Event("change"));
  }

  stop() {
    if (!this.runs) return;
    const over = this.#event;
    this.#event = null;
    clearTimeout(this.#timer);
    this.#act({ type: "event-local", event: ended(over) });
    this.#act({ type: "dismiss", call: over.data.call.id });
    this.dispatchEvent(new Event("change"));
  }

  update(state) {
    const shown = [state.main, ...state.strips].filter((id) => state.calls[id]);
    const busy = shown.some((id) => !isRehearsal(id) && isBusy(state.calls[id]));
    const changed = busy !== this.#busy;
    this.#busy = busy;
    if (this.runs && (busy || !shown.includes(this.#event.data.call.id))) this.stop();
    else if (changed) this.dispatchEvent(new Event("change"));
  }
}
