// What a desk should know that is no call. A line that is deaf or alone stands above the page for as long as it is so,
// and so does that nothing can be stored, and that the node is alone.

import { el, own } from "./dom.js";
import { clock, t } from "./messages.js";
import { rows } from "./rows.js";

const ABOVE = new Set(["line_deaf", "line_alone", "node_alone"]);
const IN_OUR_WORDS = new Set(["line_recovered", "nobody_sits", "live_only", "stored_again", "node_together"]);

export function renderNotices(section, { notices, liveOnly }, act) {
  const shown = notices.filter(({ data: { kind } }) => !ABOVE.has(kind) && !(kind === "live_only" && liveOnly));
  const list = section.firstElementChild ?? section.appendChild(el("ul", { class: "notices" }));
  section.setAttribute("role", "log");
  section.hidden = !shown.length;
  rows(list, shown.map((notice) => ({
    key: String(notice.sequence),
    attributes: { class: "notice", "data-kind": notice.data.kind },
    value: notice,
    build: () => noticeRow(notice, act),
  })));
}

// The daemon speaks English; what it says most is in the reader's language.
function noticeRow({ sequence, time, data }, act) {
  const text = IN_OUR_WORDS.has(data.kind)
    ? own(t(`rail.notice.${data.kind}`, { line: data.line ?? "" }))
    : own(data.text, { lang: "en" });
  return [
    el("p", {}, text, el("time", { datetime: time }, clock(time))),
    el("button", {
      type: "button",
      class: "button quiet",
      "aria-label": t("rail.notice.dismiss"),
      onclick: () => act({ type: "dismiss-notice", sequence }),
    }, "×"),
  ];
}
