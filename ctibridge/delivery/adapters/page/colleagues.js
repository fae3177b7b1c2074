// Who else could take a call of my customers, in which languages, and who of them is here.

import { el, own } from "./dom.js";
import { languageName, list as listed, t } from "./messages.js";
import { part, rows } from "./rows.js";

export function renderColleagues(section, { colleagues }) {
  const list = part(section, t("rail.colleagues.title"), "colleagues scrolls", !colleagues.length);
  rows(list, colleagues.map((one) => ({
    key: one.id,
    attributes: { "data-here": one.here },
    value: one,
    build: () => colleague(one),
  })));
}

function colleague({ name, languages, here }) {
  return [
    el("span", { class: "dot", role: "img", "aria-label": t(`rail.colleagues.is_${here ? "here" : "away"}`) }),
    own(name, { class: "colleague" }),
    el("span", { class: "speaks" }, listed(languages.map(languageName))),
  ];
}
