// Lists that stay where they are: a row is rebuilt only when what it shows has changed, and a key that had the focus
// has it again behind that. Nothing gets the focus that had none.

import { el, fill } from "./dom.js";

// As `fill`. A thing that may have the focus carries `data-focus`, its own name.
export function steady(node, value, build) {
  const held = node.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
  fill(node, value, build);
  if (held === undefined || node.contains(document.activeElement)) return;
  const again = [...node.querySelectorAll("[data-focus]")].find((one) => one.dataset.focus === held && !one.disabled);
  // Where that key is gone, its row has the focus: the next press does not do something else.
  if (!again) node.tabIndex = -1;
  (again ?? node).focus({ preventScroll: true });
}

// items: [{key, value, attributes, build}], in this order; a row whose key stays keeps its node.
export function rows(list, items) {
  const there = new Map([...list.children].map((node) => [node.dataset.key, node]));
  const nodes = items.map((item) => {
    const node = there.get(item.key) ?? el("li", { "data-key": item.key });
    there.delete(item.key);
    mark(node, item.attributes ?? {});
    steady(node, item.value, item.build);
    return node;
  });
  for (const gone of there.values()) gone.remove();
  nodes.forEach((node, place) => list.children[place] !== node && list.insertBefore(node, list.children[place] ?? null));
}

function mark(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) node.removeAttribute(name);
    else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value));
  }
}

// A part with a heading, made once; away while it has nothing to show.
export function part(section, title, style, empty) {
  section.hidden = empty;
  if (!section.children.length) section.append(el("h2"), el("ul", { class: style }));
  const [heading, list] = section.children;
  steady(heading, title, () => [title]);
  return list;
}
