// Who it may be: whose number it is, how sure that is and why, and who else. Never who speaks: nobody knows that yet.

import { el, number, own } from "./dom.js";
import { digitsOf } from "./entries.js";
import { t } from "./messages.js";
import { steady } from "./rows.js";
import * as words from "./words.js";

export function renderPerson(node, entry, state, act) {
  const { data, call } = entry;
  const shown = data && [data.resolution, data.caller, data.called, data.trust, data.hand_over];
  steady(node, [call.id, shown, state.colleagues], () => (data ? who(data, call.id, state, act) : []));
}

function who(data, call, state, act) {
  const { resolution, caller, called } = data;
  const single = resolution.status === "identified";
  const listed = single ? resolution.candidates.slice(1) : resolution.candidates;
  const choose = (candidate) => () =>
    act({ type: "send", frame: { type: "choose", call, person: keyOf(candidate) } });
  return [
    data.hand_over ? handOver(data.hand_over, state) : null,
    ...headline(data, single, state),
    single && listed.length ? el("h2", { class: "label others" }, t("pop.also_for")) : null,
    listed.length ? candidates(listed, single ? 2 : 1, choose, state) : null,
    signals(data.trust.signals),
    facts(data, state),
    remarks(caller),
    called.account && !called.granted
      ? el("p", { class: "hint" }, t("pop.no_role", { account: called.account.name }))
      : null,
  ];
}

const keyOf = ({ person }) => ({ account: person.account, id: person.id });

function headline(data, single, state) {
  const said = words.belongs(data);
  return [
    el("h2", { class: "label" }, said.label),
    said.title ? el("p", { class: "name", id: "person" }, own(said.title)) : null,
    said.hint ? el("p", { class: "hint" }, said.hint) : null,
    single ? person(data.resolution.candidates[0], { id: "person" }, state) : null,
    single ? el("p", { class: "sure" }, words.surely(data)) : null,
  ];
}

// first: the number of the first one, which is the key that chooses it.
function candidates(listed, first, choose, state) {
  return el("ol", { id: "candidates", class: "candidates" }, listed.map((one, place) =>
    el("li", { class: "candidate" },
      el("button", {
        type: "button",
        class: "pick",
        title: t("pop.choose_hint"),
        "aria-label": t("pop.choose", { name: one.person.name ?? one.person.id }),
        "data-rank": first + place,
        "data-focus": `${one.person.account} ${one.person.id}`,
        onclick: choose(one),
      }, el("kbd", { "aria-hidden": "true" }, String(first + place))),
      person(one, {}, state))));
}

function person(candidate, attributes, state) {
  const { person: one, account } = candidate;
  return el("div", { class: "person", "data-disabled": one.disabled },
    el("p", { class: "name", ...attributes },
      one.name === null ? el("span", { class: "pending" }, t("pop.person.reading")) : own(one.name),
      one.pronunciation ? el("span", { class: "pronounced" },
        el("span", { class: "unseen" }, t("pop.person.pronounced")), own(one.pronunciation)) : null,
      one.vip ? el("span", { class: "tag vip" }, t("pop.person.vip")) : null,
      one.disabled ? el("span", { class: "tag alarm" }, t("pop.person.disabled")) : null),
    role(one, account),
    el("ul", { class: "why", "aria-label": t("pop.why") },
      candidate.evidence?.map((reason) => el("li", {}, own(words.evidence(reason, candidate, state))))));
}

export function role(one, account) {
  const parts = [one.job_title, one.organization, one.site].filter(Boolean);
  return el("span", { class: "role" },
    el("span", { class: "of" }, own(account.name)),
    parts.map((text) => el("span", {}, own(text))),
    one.local_time ? there(one) : null);
}

const there = ({ local_time: time, after_hours: late }) =>
  el("span", { class: "there", "data-late": late }, t(late ? "pop.person.there_late" : "pop.person.there", { time }));

const signals = (listed) => (listed.length
  ? el("ul", { class: "signals" }, listed.map((one) => el("li", { class: "tag warn" }, words.signal(one)))) : null);

// Who gives the call to this desk; what stands around it is the first caller's.
function handOver(one, state) {
  const { caller } = one;
  return el("p", { id: "hand-over", class: "hand-over", "data-kind": one.kind },
    own(words.handOver(one, state)),
    caller.display_name ? [" · ", own(caller.display_name)] : null,
    caller.number ? [" · ", number(caller.number)] : null);
}

function facts(data, state) {
  const { caller } = data;
  const shown = digitsOf(data);
  const line = caller.internal ? el("span", { class: "line-of" }, lineOf(caller.internal, state)) : null;
  const rows = [
    shown ? ["calls_from", [number(shown), line]] : null,
    caller.display_name ? ["name_sent", own(caller.display_name)] : null,
    caller.diverted_by ? ["diverted_by", number(caller.diverted_by)] : null,
    caller.attestation === "not-checked" ? null : ["attestation", words.attestation(caller.attestation)],
  ].filter(Boolean);
  return rows.length ? el("dl", { class: "facts" }, rows.map(([term, value]) =>
    el("div", {}, el("dt", {}, t(`pop.facts.${term}`)), el("dd", {}, value)))) : null;
}

const lineOf = ({ agent }, state) =>
  agent === null ? t("pop.facts.line_of_ours") : t("pop.facts.line_of", { agent: words.agentName(state, agent) });

// What the PBX knows besides: beside the point mostly, so small; a stranger may have typed it, so plain text.
function remarks(caller) {
  return caller.remarks?.length ? el("dl", { class: "remarks" }, caller.remarks.map((one) =>
    el("div", {}, el("dt", {}, own(words.remark(one))), el("dd", {}, own(one.value))))) : null;
}
