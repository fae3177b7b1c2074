// The page's frame as a function of the state: the bar, what is wrong now, and which view is shown.

import { byId, el, fill } from "./dom.js";
import { clock, t } from "./messages.js";
import { renderPop } from "./pop.js";
import { renderRail } from "./rail.js";
import { mayTryAgain } from "./signing_in.js";
import { renderStrips } from "./strips.js";

export function render(state, act) {
  const refused = state.link.status === "refused";
  const main = state.calls[state.main];
  byId("desk").dataset.view = refused ? "signed-out" : main ? "call" : "waiting";
  byId("sign-in").hidden = !refused;
  byId("sign-in-why").textContent = state.link.reason ? t(state.link.reason) : "";
  byId("sign-in-again").hidden = !mayTryAgain(state.link.reason);
  byId("agent").textContent = refused ? "" : state.name;
  renderLink(state.link);
  const alerts = alertsOf(state);
  fill(byId("alerts"), alerts, () => alerts.map(alert));
  renderPop(state, act);
  renderStrips(state, act);
  renderWaiting(state, main, refused);
  renderRail(state, act);
}

function renderLink(link) {
  const node = byId("link");
  const text = t(`frame.link.${link.status}`);
  if (node.dataset.link === link.status && node.textContent === text) return;
  node.dataset.link = link.status;
  node.textContent = text;
}

// -- what is wrong now ------------------------------------------------------------------------------------------------

function alertsOf(state) {
  const { status, reason } = state.link;
  if (status === "refused") return [];
  const alerts = [];
  if (status === "lost") {
    alerts.push(["lost", reason ? t(reason, { address: location.origin }) : t("frame.alert.lost")]);
  }
  if (state.problem) alerts.push(["problem", problem(state.problem)]);
  if (status !== "live") return alerts;
  if (state.ending !== null) alerts.push(["ending", t("frame.alert.ending", { time: clock(state.ending) })]);
  if (state.liveOnly) alerts.push(["live_only", t("frame.alert.live_only")]);
  if (state.nodeAlone) alerts.push(["node_alone", t("frame.alert.node_alone")]);
  for (const line of state.lines) {
    if (line.state === "deaf") alerts.push(["deaf", t("frame.alert.deaf", { line: line.line })]);
    if (line.state === "alone") alerts.push(["deaf", t("frame.alert.alone", { line: line.line })]);
  }
  return alerts;
}

const PROBLEMS = ["unknown_call", "unknown_person", "bad_message", "not_sent"];

const problem = ({ code, message }) =>
  (PROBLEMS.includes(code) ? t(`frame.problem.${code}`) : t("frame.problem.not_allowed", { message }));

const alert = ([kind, text]) =>
  el("p", { class: "alert", "data-kind": kind }, el("span", { "aria-hidden": "true" }, "!"), text);

// -- no call ----------------------------------------------------------------------------------------------------------

function renderWaiting(state, main, refused) {
  const waiting = byId("waiting");
  waiting.hidden = Boolean(main) || refused;
  const live = state.link.status === "live";
  waiting.firstElementChild.textContent = t(live ? "frame.waiting" : connecting(state.link));
  waiting.lastElementChild.textContent = live ? hearing(state.lines) : "";
}

const connecting = ({ status, reason }) =>
  (status === "connecting" && reason ? reason : "frame.waiting.connecting");

function hearing(lines) {
  const heard = lines.filter((line) => line.state === "registered" && line.sitting);
  if (heard.length) return t("frame.waiting.listening", { lines: heard.map((line) => line.line).join(", ") });
  if (lines.length && !lines.some((line) => line.sitting)) return t("frame.waiting.no_seat");
  return t(lines.length ? "frame.waiting.not_heard" : "frame.waiting.no_line");
}
