// What the agent has had before him: told to the daemon once it is painted, and once to a screen reader.

import { byId } from "./dom.js";
import { nameOf, rings } from "./entries.js";
import { announcement } from "./words.js";

const reported = new Set(); // call and sequence of what was said to be shown
const announced = new Set();
let said = null; // {call, who} of what stands there for the screen reader

const ringing = (state) =>
  [state.main, ...state.strips].map((id) => state.calls[id]).filter((entry) => rings(entry) && entry.data);

// A pop is shown when it has been painted and the page can be seen.
export function reportShown(state, send) {
  const keyOf = ({ call, rangIn }) => `${call.id} ${rangIn}`;
  const fresh = ringing(state).filter((entry) => !entry.local && !reported.has(keyOf(entry)));
  if (!fresh.length || document.visibilityState !== "visible") return;
  requestAnimationFrame(() => {
    for (const entry of fresh.filter((one) => !reported.has(keyOf(one)))) {
      if (send({ type: "shown", call: entry.call.id, sequence: entry.rangIn })) reported.add(keyOf(entry));
    }
  });
}

// Once for a call, in whole sentences, politely: a screen reader finishes what it says first. It stands there as long as
// the pop does, and as the pop names that person: whoever may not see him any more does not find him here.
export function announce(state) {
  for (const entry of ringing(state).filter(({ call }) => !announced.has(call.id))) {
    announced.add(entry.call.id);
    say(announcement(entry), { call: entry.call.id, who: nameOf(entry.data) });
  }
  if (said && !isStillSo(said, state)) say("", null);
}

function say(text, of) {
  said = of;
  byId("announce").textContent = text;
}

const isStillSo = ({ call, who }, { main, strips, calls }) =>
  [main, ...strips].includes(call) && (who === null || nameOf(calls[call].data) === who);
