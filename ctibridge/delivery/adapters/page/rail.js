// Beside the call: what the customer has us told, notices, who was missed, the calls of today, my lines, my colleagues.

import { renderColleagues } from "./colleagues.js";
import { renderCustomer } from "./customer.js";
import { byId } from "./dom.js";
import { renderLines } from "./lines.js";
import { renderMissed } from "./missed.js";
import { renderNotices } from "./notices.js";
import { renderRecent } from "./recent.js";
import { INITIAL } from "./state.js";

const PARTS = {
  customer: renderCustomer,
  notices: renderNotices,
  missed: renderMissed,
  recent: renderRecent,
  lines: renderLines,
  colleagues: renderColleagues,
};

export function renderRail(state, act) {
  // Whoever looks into the page of an agent who was signed out finds nothing any more.
  const shown = state.link.status === "refused" ? INITIAL : state;
  for (const [id, render] of Object.entries(PARTS)) render(byId(id), shown, act);
}
