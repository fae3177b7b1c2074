// Words about calls that several parts of the rail use: how a call went, who does what about it, who called. desk: the
// page's state, of which the agents' names are used.

import { clock, t } from "./messages.js";
import { agentName } from "./words.js";

const OUTCOMES = ["answered_here", "answered_elsewhere", "abandoned", "declined", "timed_out", "failed", "unknown"];

// Without dialog-info "elsewhere" may be this agent's own phone (contract: *Answered*): nothing more is claimed.
export function outcome({ state, outcome: how, answered_by: by }, desk) {
  if (state !== "ended") return t(`rail.outcome.${state}`);
  if (how === "answered_elsewhere" && by) {
    const who = by.agent === null ? t("rail.today.line", { line: by.line }) : agentName(desk, by.agent);
    return t("rail.outcome.answered_by", { who });
  }
  return t(`rail.outcome.${OUTCOMES.includes(how) ? how : "unknown"}`);
}

// What became of a missed call: *Ana calls back, 14:02*.
export function work({ state, by, at, answered_in }, desk) {
  const what = state === "settled" && answered_in ? "answered" : state;
  const who = by === null ? "_somebody" : by === desk.agent ? "_you" : "";
  return t(`rail.work.${what}${who}`, { name: by === null ? "" : agentName(desk, by), time: clock(at) });
}

export const isKnown = (one) => one !== null && (one.state === "taken" || one.state === "settled");

export const company = ({ company: name, call }) => name ?? t("rail.today.line", { line: call.line });

// The person, else the number, else why there is none.
export function caller({ who, number, status, call }) {
  if (who ?? number) return who ?? number;
  return status === "withheld" ? t("rail.today.withheld") : call && status ? t("rail.today.unknown_number") : "";
}
