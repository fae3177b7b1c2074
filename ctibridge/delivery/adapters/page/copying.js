// Copies the caller's number. A page without https has no clipboard of its own: there the selection is copied, and
// nothing gets the focus for it.

import { el } from "./dom.js";
import { t } from "./messages.js";

const SAID_FOR = 1500;

export function copyButton(number) {
  const said = el("span", {}, t("pop.copy"));
  const button = el("button", { type: "button", class: "button", "data-key": "copy", onclick: async () => {
    if (!(await copy(number))) return;
    said.textContent = t("pop.copied");
    setTimeout(() => { said.textContent = t("pop.copy"); }, SAID_FOR);
  } }, said);
  said.setAttribute("aria-live", "polite");
  return button;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

function copySelected(text) {
  const node = el("span", { class: "unseen copying" }, text);
  const selection = getSelection();
  const before = selection.rangeCount ? selection.getRangeAt(0) : null;
  document.body.append(node);
  selection.selectAllChildren(node);
  const done = document.execCommand("copy");
  node.remove();
  selection.removeAllRanges();
  if (before) selection.addRange(before);
  return done;
}
