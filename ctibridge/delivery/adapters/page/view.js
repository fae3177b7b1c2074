// The page as a function of the state. Everything that comes from outside becomes a text node or an attribute that is
// no address and no script; nothing is ever focused, and what did not change is not touched.

import { isAnswered, notesOf, rings } from "./state.js";
import * as words from "./words.js";

const SAFE_LINK = /^(https?|mailto|tel):/i;

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") node.addEventListener("click", value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...present(children));
  return node;
}

const present = (children) => children.flat().filter((child) => child !== null && child !== undefined && child !== "");

// What a stranger or another script wrote: it keeps its own direction and cannot turn its neighbours round.
const own = (text, attributes = {}) => el("bdi", attributes, text);
const number = (text) => el("bdi", { dir: "ltr", class: "number" }, text);

// Rebuilds a part only when what it shows has changed: selections, focus and scrolling survive an update.
const shownIn = new WeakMap();
function fill(node, value, build) {
  const key = JSON.stringify(value);
  if (shownIn.get(node) === key) return;
  shownIn.set(node, key);
  node.replaceChildren(...present(build()));
}

export function render(state, act) {
  const live = state.link.status === "live";
  const refused = state.link.status === "refused";
  const main = state.calls[state.main];
  byId("desk").dataset.view = refused ? "signed-out" : main ? "call" : "waiting";
  byId("sign-in").hidden = !refused;
  byId("sign-in-why").textContent = state.link.reason;
  byId("agent").textContent = refused ? "" : state.agent;
  renderLink(state.link);
  renderAlerts(state, live, refused);
  renderPop(main, act, refused);
  renderStrips(state, act, refused);
  renderWaiting(state, main, live, refused);
  renderRail(state, act, refused);
  document.title = main && rings(main) && main.data ? titleOf(main) : "ctibridge";
}

const byId = (id) => document.getElementById(id);
// Screens are shared with customers: company and language, no name, no number.
const titleOf = (entry) => `● ${words.company(entry.data)} · ${entry.data.language.endonym}`;

const LINK_WORDS = { live: "Connected", connecting: "Connecting", lost: "Not connected", refused: "Signed out" };

function renderLink(link) {
  const node = byId("link");
  if (node.dataset.link === link.status && node.textContent === LINK_WORDS[link.status]) return;
  node.dataset.link = link.status;
  node.textContent = LINK_WORDS[link.status];
}

// -- what is wrong now ------------------------------------------------------------------------------------------------

function renderAlerts(state, live, refused) {
  const alerts = [];
  if (!live && !refused && state.link.status === "lost") {
    alerts.push(["lost", state.link.reason || "Not connected: calls do not appear here. Trying again."]);
  }
  for (const line of live ? state.lines : []) {
    if (line.state === "deaf") alerts.push(["deaf", `Line ${line.line} is deaf: its calls do not appear here.`]);
    if (line.state === "alone") {
      alerts.push(["deaf", `Line ${line.line} is held back, as no other phone is signed on there.`]);
    }
  }
  fill(byId("alerts"), alerts, () => alerts.map(([kind, text]) =>
    el("p", { class: "alert", role: "status", "data-kind": kind }, el("span", { "aria-hidden": "true" }, "!"), text)));
}

// -- the call ---------------------------------------------------------------------------------------------------------

const PARTS = ["pop-head", "say", "belongs", "pop-foot"];

function renderPop(entry, act, refused) {
  const pop = byId("pop");
  pop.hidden = !entry || refused;
  if (!entry) {
    pop.replaceChildren(); // what is put away is gone, for whoever looks into the page as well
    return;
  }
  const { call, data } = entry;
  pop.dataset.call = call.id;
  pop.dataset.state = stateOf(entry);
  pop.dataset.status = data?.resolution.status ?? "unknown";
  if (!pop.children.length) pop.append(...PARTS.map((name) => el("div", { class: name })));
  const parts = pop.children;
  const written = notesOf(entry);
  fill(parts[0], [call, data?.called], () => head(entry, act));
  fill(parts[1], [data?.language, data?.called.name], () => (data ? say(data) : []));
  fill(parts[2], [data?.resolution, data?.caller, data?.called, data?.trust, data?.hand_over, written], () =>
    (data ? who(data, written) : [notes(written)]));
  fill(parts[3], data?.links ?? [], () => (data ? links(data) : []));
}

export const stateOf = (entry) => (rings(entry) ? "ringing" : isAnswered(entry) ? "answered" : "ended");

function head(entry, act) {
  const { call, data } = entry;
  const service = data ? words.company(data) : `Line ${call.line}`;
  const account = data?.called.account?.name;
  return [
    el("div", { class: "company" },
      el("h1", { id: "company" }, own(service)),
      account && account !== service ? el("p", { class: "account" }, own(account)) : null),
    el("div", { class: "status" },
      stateChip(entry),
      data?.called.support_hours === "closed" ? el("span", { class: "tag warn" }, "outside support hours") : null,
      el("button", { type: "button", class: "button quiet", onclick: () => act({ type: "dismiss", call: call.id }) },
        rings(entry) ? "Put aside" : "Dismiss")),
  ];
}

function stateChip(entry) {
  const { call } = entry;
  const hint = words.answeredBy(call);
  const here = call.state === "answered" ? `Answered here since ${words.clock(call.answered_at)}` : null;
  const over = here ?? words.OUTCOMES[call.outcome] ?? "Ended";
  const text = rings(entry) ? "Ringing" : over;
  const round = call.round > 1 && rings(entry) ? `, round ${call.round}` : "";
  return el("span", { class: "chip", "data-state": stateOf(entry) },
    el("span", { class: "dot", "aria-hidden": "true" }),
    hint ? `${text} ${hint}` : text + round,
    el("span", { class: "since", "aria-hidden": "true", "data-from": since(call), "data-to": call.ended_at ?? "" }));
}

// How long it is talked on, where that is known; else how long it rang.
const since = (call) =>
  call.state === "answered" || call.outcome === "answered_here" ? call.answered_at ?? call.rang_at : call.rang_at;

function say(data) {
  const { language } = data;
  const greeting = language.greeting
    ? el("p", { id: "greeting", class: "greeting", lang: language.tag, dir: "auto" }, language.greeting)
    : el("p", { id: "greeting", class: "greeting none" }, "No greeting on record");
  return [
    greeting,
    el("div", { id: "language", class: "language" },
      own(language.endonym, { lang: language.tag, class: "endonym" }),
      language.endonym === language.name ? null : el("span", { class: "in-english" }, language.name),
      el("span", { class: "source" }, words.LANGUAGE_SOURCES[language.source] ?? ""),
      language.spoken_by_agent ? null : el("span", { class: "tag warn" }, `You do not speak ${language.name}`)),
  ];
}

// -- who it may be ----------------------------------------------------------------------------------------------------

function who(data, written) {
  const { resolution, caller, called } = data;
  const said = words.belongs(data);
  const [first, ...others] = resolution.candidates;
  const single = resolution.status === "identified";
  const signals = data.trust.signals.map((one) => el("li", { class: "tag warn" }, words.signal(one)));
  return [
    data.hand_over ? handOver(data.hand_over) : null,
    notes(written),
    el("p", { class: "label" }, said.label),
    said.title ? el("p", { id: "person", class: "name" }, own(said.title)) : null,
    said.hint ? el("p", { class: "hint" }, said.hint) : null,
    single ? person(first, { id: "person" }) : null,
    single || !resolution.candidates.length ? null : el("ol", { id: "candidates", class: "candidates" },
      resolution.candidates.map((one) => el("li", {}, person(one, {})))),
    facts(caller),
    remarks(caller),
    signals.length ? el("ul", { class: "signals" }, signals) : null,
    called.account && !called.granted
      ? el("p", { class: "hint" }, "You have no role at ", own(called.account.name), ": its people are not shown.")
      : null,
    single && others.length ? el("p", { class: "label others" }, "Also on record for") : null,
    single && others.length ? el("ol", { id: "candidates", class: "candidates" },
      others.map((one) => el("li", {}, person(one, {})))) : null,
  ];
}

// Who gives the call to this desk; what stands around it is the first caller's.
function handOver(one) {
  const { caller } = one;
  return el("p", { id: "hand-over", class: "hand-over", "data-kind": one.kind },
    own(words.handOver(one)),
    caller.display_name ? [" · ", own(caller.display_name)] : null,
    caller.number ? [" · ", number(caller.number)] : null);
}

// What colleagues wrote, as they wrote it: plain text with its own lines.
function notes(written) {
  return written.length ? el("ul", { id: "notes", class: "notes", "aria-label": "Notes" }, written.map((one) =>
    el("li", {},
      el("span", { class: "by" }, own(one.by), one.at ? el("time", { datetime: one.at }, words.clock(one.at)) : null),
      el("span", { class: "text", dir: "auto" }, one.text)))) : null;
}

function person(candidate, attributes) {
  const { person: one, account } = candidate;
  const role = [one.job_title, one.organization, one.site].filter(Boolean);
  return el("div", { class: "person", "data-disabled": one.disabled },
    el("p", { class: "name", ...attributes },
      one.name === null ? el("span", { class: "pending" }, "Reading the record…") : own(one.name),
      one.vip ? el("span", { class: "tag vip" }, "VIP") : null,
      one.disabled ? el("span", { class: "tag alarm" }, "disabled in the directory") : null),
    el("p", { class: "role" },
      el("span", { class: "of" }, own(account.name)),
      role.map((text) => el("span", {}, own(text))),
      one.local_time ? el("span", {}, el("time", {}, one.local_time), " there") : null),
    el("ul", { class: "why", "aria-label": "Why" },
      candidate.evidence.map((reason) => el("li", {}, own(words.evidence(reason, candidate))))));
}

function facts(caller) {
  const shown = caller.number ?? caller.extension ?? caller.raw;
  const rows = [
    shown ? ["Calls from", [number(shown), caller.internal ? ` (${caller.internal.agent ?? "a line of ours"})` : ""]] : null,
    caller.display_name ? ["Name sent along", own(caller.display_name)] : null,
    caller.diverted_by ? ["Diverted by", number(caller.diverted_by)] : null,
    caller.attestation === "not-checked" ? null : ["Attestation", words.ATTESTATIONS[caller.attestation] ?? caller.attestation],
  ].filter(Boolean);
  return rows.length ? el("dl", { class: "facts" }, rows.map(([term, value]) =>
    el("div", {}, el("dt", {}, term), el("dd", {}, value)))) : null;
}

// What the PBX knows besides: beside the point mostly, so small; a stranger may have typed it, so plain text.
function remarks(caller) {
  return caller.remarks?.length ? el("dl", { class: "remarks" }, caller.remarks.map((one) =>
    el("div", {}, el("dt", {}, own(words.remark(one))), el("dd", {}, own(one.value))))) : null;
}

function links(data) {
  return data.links.filter((link) => SAFE_LINK.test(link.url)).map((link) =>
    el("a", { class: "button", href: link.url, target: "_blank", rel: "noopener noreferrer" }, own(link.title)));
}

// -- beside it --------------------------------------------------------------------------------------------------------

function renderStrips(state, act, refused) {
  const entries = refused ? [] : state.strips.map((id) => state.calls[id]);
  fill(byId("strips"), entries, () => entries.map((entry) => strip(entry, act)));
}

function strip(entry, act) {
  const { call, data } = entry;
  const [first] = data?.resolution.status === "identified" ? data.resolution.candidates : [];
  const who = data ? first?.person.name ?? words.belongs(data).title ?? words.belongs(data).label : "";
  const language = data?.language;
  const status = data?.resolution.status;
  const press = (type, text, style) =>
    el("button", { type: "button", class: `button ${style}`, onclick: () => act({ type, call: call.id }) }, text);
  return el("div", { class: "strip", "data-call": call.id, "data-state": stateOf(entry), "data-status": status },
    el("div", { class: "strip-text" },
      el("p", {}, stateChip(entry)),
      own(data ? words.company(data) : `Line ${call.line}`, { class: "company" }),
      language?.greeting ? el("p", { class: "strip-say", lang: language.tag, dir: "auto" }, language.greeting) : null,
      language ? own(language.endonym, { lang: language.tag, class: "endonym" }) : null,
      own(who, { class: "who" })),
    el("div", { class: "strip-do" }, press("show", "Show", ""), press("dismiss", "Dismiss", "quiet")));
}

function renderWaiting(state, main, live, refused) {
  const waiting = byId("waiting");
  waiting.hidden = Boolean(main) || refused;
  const heard = state.lines.filter((line) => line.state === "registered" && line.sitting);
  const idle = state.lines.length && !state.lines.some((line) => line.sitting);
  waiting.firstElementChild.textContent = live ? "Waiting for the next call" : "Connecting to your desk";
  waiting.lastElementChild.textContent = !live ? ""
    : heard.length ? `Listening on ${heard.map((line) => line.line).join(", ")}`
    : idle ? "You sit at no line. Take a seat beside, and its calls appear here."
    : state.lines.length ? "None of your lines can be heard yet." : "No line belongs to you yet.";
}

function renderRail(state, act, refused) {
  const lines = refused ? [] : state.lines;
  // That a line is deaf or alone stands above the page for as long as it is so.
  const notices = refused ? [] : state.notices.filter(({ data }) => !["line_deaf", "line_alone"].includes(data.kind));
  const recent = refused ? [] : state.order.map((id) => state.calls[id]);
  fill(byId("lines"), lines, () => titled("Lines", "lines", lines.map((line) => lineItem(line, lines, act))));
  fill(byId("notices"), notices, () => notices.map((notice) => noticeItem(notice, act)));
  fill(byId("recent"), [recent, state.main], () =>
    titled("Calls", "recent", recent.map((entry) => recentItem(entry, state, act))));
}

const titled = (title, style, items) => (items.length ? [el("h2", {}, title), el("ul", { class: style }, items)] : []);

function lineItem(line, lines, act) {
  const seats = (sits) => lines.filter((one) => (one === line ? sits : one.sitting)).map((one) => one.line);
  return el("li", { "data-state": line.state },
    el("span", { class: "dot", "aria-hidden": "true" }),
    el("bdi", { class: "line-name" }, line.line),
    el("span", { class: "line-state" }, words.LINE_STATES[line.state]),
    line.shared ? el("button", {
      type: "button",
      class: "button quiet",
      "aria-pressed": String(line.sitting),
      onclick: () => act({ type: "sit", lines: seats(!line.sitting) }),
    }, line.sitting ? "Leave" : "Sit here") : null);
}

function noticeItem(notice, act) {
  return el("div", { class: "notice", "data-kind": notice.data.kind },
    el("p", {}, own(notice.data.text), el("time", { datetime: notice.time }, words.clock(notice.time))),
    el("button", { type: "button", class: "button quiet", "aria-label": "Dismiss this notice",
      onclick: () => act({ type: "dismiss-notice", sequence: notice.sequence }) }, "×"));
}

function recentItem(entry, state, act) {
  const { call, data } = entry;
  const people = data?.resolution.candidates ?? [];
  const name = data?.resolution.status === "identified" ? people[0]?.person.name : null;
  const who = name ?? data?.caller.number ?? data?.caller.extension ?? (data ? words.belongs(data).title : null);
  return el("li", { "data-state": stateOf(entry), "aria-current": state.main === call.id },
    el("button", { type: "button", disabled: !data, onclick: () => act({ type: "show", call: call.id }) },
      el("time", { datetime: call.rang_at }, words.clock(call.rang_at)),
      own(data ? words.company(data) : `Line ${call.line}`, { class: "company" }),
      own(who ?? "", { class: "who" }),
      el("span", { class: "how" }, how(entry))));
}

function how(entry) {
  const { call } = entry;
  if (rings(entry)) return "Ringing";
  const by = call.answered_by ? ` ${words.answeredBy(call)}` : "";
  return `${words.OUTCOMES[call.outcome] ?? "Answered here"}${by}`;
}
