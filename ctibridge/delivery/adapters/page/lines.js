// My lines: is each one heard, and do I sit there.

import { el } from "./dom.js";
import { t } from "./messages.js";
import { part, rows } from "./rows.js";

export function renderLines(section, { lines }, act) {
  const list = part(section, t("rail.lines.title"), "lines", !lines.length);
  rows(list, lines.map((line) => ({
    key: `${line.trunk} ${line.line}`,
    attributes: { "data-state": line.state },
    value: [line, seats(lines)],
    build: () => lineRow(line, lines, act),
  })));
}

const seats = (lines) => lines.filter((line) => line.sitting).map((line) => line.line);

function lineRow(line, lines, act) {
  return [
    el("span", { class: "dot", "aria-hidden": "true" }),
    el("bdi", { class: "line-name" }, line.line),
    el("span", { class: "line-state" }, t(`rail.lines.${line.state}`)),
    line.shared ? seat(line, lines, act) : null,
  ];
}

function seat(line, lines, act) {
  const what = line.sitting ? "leave" : "sit";
  const others = seats(lines).filter((one) => one !== line.line);
  return el("button", {
    type: "button",
    class: "button small",
    "data-focus": "seat",
    "aria-label": t(`rail.lines.${what}_of`, { line: line.line }),
    onclick: () => act({ type: "sit", lines: line.sitting ? others : [...others, line.line] }),
  }, t(`rail.lines.${what}`));
}
