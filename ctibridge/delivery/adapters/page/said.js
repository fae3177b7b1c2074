// Words about calls that several parts of the rail use: how a call went, who does what about it, who called.

import { clock, t } from "./messages.js";

const OUTCOMES = ["answered_here", "answered_elsewhere", "abandoned", "declined", "timed_out", "failed", "unknown"];

// Without dialog-info "elsewhere" may be this agent's own phone (contract: *Answered*): nothing more is claimed.
export function outcome({ state, outcome: how, answered_by: by }, people) {
  if (state !== "ended") return t(`rail.outcome.${state}`);
  if (how === "answered_elsewhere" && by) {
    const who = by.agent === null ? t("rail.today.line", { line: by.line }) : people.name(by.agent);
    return t("rail.outcome.answered_by", { who });
  }
  return t(`rail.outcome.${OUTCOMES.includes(how) ? how : "unknown"}`);
}

// What became of a missed call: *Ana calls back, 14:02*.
export function work({ state, by, at, answered_in }, people) {
  const what = state === "settled" && answered_in ? "answered" : state;
  const who = by === null ? "_somebody" : by === people.me ? "_you" : "";
  return t(`rail.work.${what}${who}`, { name: by === null ? "" : people.name(by), time: clock(at) });
}

export const isKnown = (one) => one !== null && (one.state === "taken" || one.state === "settled");

// Names of agents, where this desk was told them; else their ids.
export function peopleOf(state) {
  const names = new Map((state.colleagues ?? []).map(({ id, name }) => [id, name]));
  return { me: state.agent, name: (id) => names.get(id) ?? id };
}

export const company = ({ company: name, call }) => name ?? t("rail.today.line", { line: call.line });

// The person, else the number, else why there is none.
export function caller({ who, number, status, call }) {
  if (who ?? number) return who ?? number;
  return status === "withheld" ? t("rail.today.withheld") : call && status ? t("rail.today.unknown_number") : "";
}
