// What the call says in words: how it stands, who it may be and why. The texts are in `messages/`; what a call says of
// itself is put into them, or stands beside them as it is.

import { companyOf, nameOf } from "./entries.js";
import { ago, clock, current, languageName, list, t } from "./messages.js";

const has = (keys, key) => keys.includes(key);

// -- the agents -------------------------------------------------------------------------------------------------------

// ids are what the daemon knows; names where it has told us.
export const agentName = (state, id) =>
  id === state.agent ? state.name : state.colleagues.find((one) => one.id === id)?.name ?? id;

// -- how it stands ----------------------------------------------------------------------------------------------------

const OUTCOMES = ["answered_here", "abandoned", "declined", "timed_out", "failed", "unknown"];

// Without dialog-info "elsewhere" may be this agent's own phone (contract: *Answered*): nothing more is claimed.
export function standing({ call }, state) {
  if (call.state === "ringing" && call.round > 1) return t("pop.state.round", { n: call.round });
  if (call.state === "ringing") return t("pop.state.ringing");
  if (call.state === "answered") return t("pop.state.answered", { time: clock(call.answered_at) });
  if (call.outcome === "answered_elsewhere") return elsewhere(call.answered_by, state);
  return t(`pop.state.${has(OUTCOMES, call.outcome) ? call.outcome : "ended"}`);
}

function elsewhere(by, state) {
  if (!by) return t("pop.state.elsewhere");
  return by.agent === null
    ? t("pop.state.by_line", { line: by.line })
    : t("pop.state.by_agent", { agent: agentName(state, by.agent), line: by.line });
}

export const gone = ({ line, agent }, state) =>
  agent === null ? t("pop.gone.line", { line }) : t("pop.gone.agent", { agent: agentName(state, agent), line });

// -- company and language ---------------------------------------------------------------------------------------------

export const company = (entry) =>
  entry.data ? companyOf(entry.data) ?? t("pop.no_service_number") : t("pop.line", { line: entry.call.line });

// The daemon names languages in English.
export const nameOfLanguage = (language) => (current === "en" ? language.name : languageName(language.tag));

const LANGUAGE_SOURCES = ["person", "site", "called_number", "account", "calling_country", "default"];
export const languageSource = ({ source }) => (has(LANGUAGE_SOURCES, source) ? t(`pop.language.${source}`) : "");

const MOST_ASKED = 3;

export function notSpoken(language, state) {
  const others = whoSpeaks(language, state).slice(0, MOST_ASKED).map((id) => agentName(state, id));
  const name = nameOfLanguage(language);
  return others.length
    ? t("pop.language.not_spoken_ask", { language: name, names: list(others, "disjunction"), n: others.length })
    : t("pop.language.not_spoken", { language: name });
}

// Those at whose desks it rings, as the daemon matched them; else colleagues who are here; else any.
function whoSpeaks({ tag, spoken_by: ringing = [] }, { agent, colleagues }) {
  const others = ringing.filter((id) => id !== agent);
  if (others.length) return others;
  const able = colleagues.filter((one) => one.languages.some((each) => primary(each) === primary(tag)));
  const here = able.filter((one) => one.here);
  return (here.length ? here : able).map((one) => one.id);
}

const primary = (tag) => tag.split("-")[0].toLowerCase();

export function hours(called) {
  if (called.holiday) return t("pop.hours.holiday", { holiday: called.holiday });
  return called.support_hours === "closed" ? t("pop.hours.closed") : "";
}

// -- who it may be, and why -------------------------------------------------------------------------------------------

// What the PBX may name a person by; the words a trunk's configuration invents are shown as they are.
const CLAIMS = ["employee_id", "support_id", "email", "request"];
const REMARKS = [...CLAIMS, "alert"];
const GRADES = ["exact", "rewritten", "extension", "suffix"];
const LABELS = ["work", "mobile", "home", "other"];
const SIGNALS = ["attestation_failed", "claim_contradicts_number", "number_changed_recently"];
const ATTESTATIONS = ["A", "B", "C", "passed", "failed", "none"];
const HAND_OVERS = ["attended", "blind", "pickup", "internal"];

export const remark = ({ kind }) => (has(REMARKS, kind) ? t(`pop.remark.${kind}`) : kind);
export const attestation = (value) => (has(ATTESTATIONS, value) ? t(`pop.attestation.${value}`) : value);

export function handOver({ kind, line, agent }, state) {
  const how = has(HAND_OVERS, kind) ? kind : "other";
  return agent === null
    ? t(`pop.hand_over.${how}.line`, { line })
    : t(`pop.hand_over.${how}.agent`, { agent: agentName(state, agent), line });
}

export function signal({ kind, days }) {
  if (kind === "number_changed_recently" && days === 0) return t("pop.signal.number_changed_today");
  if (kind === "number_changed_recently" && days > 0) return t("pop.signal.number_changed_days", { n: days });
  return has(SIGNALS, kind) ? t(`pop.signal.${kind}`) : kind.replaceAll("_", " ");
}

export function evidence(reason, candidate, state) {
  const { kind, at, by } = reason;
  if (kind === "number") return numberOf(reason);
  if (has(CLAIMS, kind)) return t(`pop.why.${kind}`);
  if (kind === "called_account") return t("pop.why.called_account", { account: candidate.account.name });
  if (kind === "last_contact") return at ? t("pop.why.last_contact", { when: ago(at) }) : t("pop.why.contact");
  if (kind === "chosen") return chosen(by, at, state);
  return kind.replaceAll("_", " ");
}

function numberOf({ label, grade }) {
  const other = label ? t("pop.number.labelled", { label }) : t("pop.number.known");
  const name = has(LABELS, label) ? t(`pop.number.${label}`) : other;
  return has(GRADES, grade) ? t(`pop.grade.${grade}`, { number: name }) : name;
}

function chosen(by, at, state) {
  if (by === state.agent) return t("pop.why.chosen_by_you", { when: ago(at) });
  return by && at ? t("pop.why.chosen_by", { agent: agentName(state, by), when: ago(at) }) : t("pop.why.chosen");
}

// How sure: plainly, and never more than a matching number can say.
export function surely(data) {
  const [first] = data.resolution.candidates;
  if (data.resolution.status !== "identified" || !first) return "";
  const kinds = first.evidence.map((one) => one.kind);
  if (kinds.includes("chosen")) return t("pop.sure.chosen");
  return first.evidence.some((one) => one.kind === "number" && one.grade !== "exact")
    ? t("pop.sure.probable") : t("pop.sure.likely");
}

// Neither his records nor the switchboard say that it is he, only an agent.
const isChosenAlone = ({ evidence: reasons }) =>
  reasons.some(({ kind }) => kind === "chosen") && !reasons.some(({ kind }) => kind === "number" || has(CLAIMS, kind));

const hasNumber = ({ evidence: reasons }) => reasons.some(({ kind }) => kind === "number");

// What belongs to these people: the number, unless it is only an id that the switchboard names.
function subject(people) {
  const claim = people.flatMap((one) => one.evidence).find(({ kind }) => has(CLAIMS, kind));
  return people.some(hasNumber) || !claim ? "number" : claim.kind;
}

// What the person block says first. The number belongs to somebody; who speaks, nobody knows.
export function belongs(data) {
  const { status, candidates: people, account } = data.resolution;
  if (status === "identified" && isChosenAlone(people[0])) return { label: t("pop.caller") };
  if (status === "identified") return { label: t(`pop.belongs.${subject(people.slice(0, 1))}`) };
  if (status === "ambiguous") return { label: oneOf(data, people), hint: t("pop.hint.ambiguous") };
  if (status === "shared") {
    return { label: t("pop.shared"), title: account?.name ?? t("pop.several_companies"), hint: t("pop.hint.shared") };
  }
  if (status === "withheld") return { label: t("pop.caller"), title: t("pop.withheld"), hint: t("pop.hint.withheld") };
  return people.length
    ? { label: t(`pop.only_for.${subject(people)}`), hint: t("pop.hint.nobody_now") }
    : { label: t("pop.caller"), title: t("pop.unknown"), hint: t("pop.hint.unknown") };
}

function oneOf(data, people) {
  const contradicted = data.trust.signals.some(({ kind }) => kind === "claim_contradicts_number");
  return contradicted ? t("pop.contradicted") : t(`pop.one_of.${subject(people)}`, { n: people.length });
}

// -- said aloud -------------------------------------------------------------------------------------------------------

export function announcement(entry) {
  const { data } = entry;
  const names = { company: company(entry), language: nameOfLanguage(data.language) };
  const who = nameOf(data);
  if (!who) return t("pop.announce.call", { ...names, what: belongs(data).title ?? belongs(data).label });
  const [first] = data.resolution.candidates;
  if (isChosenAlone(first)) return t("pop.announce.call", { ...names, what: who });
  return t(hasNumber(first) ? "pop.announce.number" : "pop.announce.named", { ...names, who });
}
