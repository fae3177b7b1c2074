// What Furo leaves out for those who read by ear, by keyboard or on a phone; axe-core finds most of it (test_site.py).

function made() {
  document.querySelector(".sidebar-drawer")?.setAttribute("aria-label", "All pages");
  document.querySelector(".toc-drawer")?.setAttribute("aria-label", "This page");
  for (const caption of document.querySelectorAll(".caption[role=heading]")) caption.setAttribute("aria-level", "2");
  if (!document.querySelector("h1")) document.querySelector("h2")?.setAttribute("aria-level", "1");
  document.querySelectorAll("article table").forEach(named);
  reached();
}

// On a phone the head is not shown, and each cell says of what it is.
function named(table) {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
  for (const row of table.tBodies[0]?.rows ?? []) {
    [...row.cells].forEach((cell, at) => (cell.dataset.head = heads[at]?.textContent ?? ""));
  }
  for (const head of heads) if (!head.textContent) head.replaceWith(document.createElement("td"));
}

// What is wider than its box is moved by the arrow keys, too, once it can be reached.
function reached() {
  for (const box of document.querySelectorAll("article :is(pre, .table-wrapper, p:has(> img))")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

addEventListener("DOMContentLoaded", made);
addEventListener("resize", reached);
