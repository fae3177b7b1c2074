// What Furo leaves out for those who read by ear or move by keyboard; axe-core finds each of them (test_site.py).

function made() {
  document.querySelector(".sidebar-drawer")?.setAttribute("aria-label", "All pages");
  document.querySelector(".toc-drawer")?.setAttribute("aria-label", "This page");
  for (const caption of document.querySelectorAll(".caption[role=heading]")) caption.setAttribute("aria-level", "2");
  if (!document.querySelector("h1")) document.querySelector("h2")?.setAttribute("aria-level", "1");
  // What is wider than its box is moved by the arrow keys, too, once it can be reached.
  for (const box of document.querySelectorAll("article :is(pre, .table-wrapper)")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

addEventListener("DOMContentLoaded", made);
addEventListener("resize", made);
