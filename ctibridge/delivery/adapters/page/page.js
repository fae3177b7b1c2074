// Puts the parts together: messages become state, state becomes the page, the agent's clicks become state or frames.

import { Link } from "./link.js";
import { bookmark, INITIAL, reduce, rings } from "./state.js";
import { render } from "./view.js";
import { announcement, elapsed } from "./words.js";

const TOKEN = "ctibridge.token";
const BOOKMARK = "ctibridge.bookmark";
const ACK_AFTER = 1000;

const saved = read(BOOKMARK);
let state = saved ? { ...INITIAL, epoch: saved.epoch, sequence: saved.sequence } : INITIAL;
let forgetting = saved?.dismissed ?? [];
let replayEnd = 0;
let drawn = null;
let ackTimer = null;
const reported = new Set(); // call and sequence of what was said to be shown
const announced = new Set();

const link = new Link({ onFrame, onLink: (status) => act({ type: "link", link: status }), resume });

function resume() {
  return state.epoch === null ? null : { epoch: state.epoch, sequence: state.sequence };
}

function onFrame(frame) {
  if (frame.specversion) act({ type: "event", event: frame });
  else if (frame.type === "welcome") {
    replayEnd = frame.data.sequence;
    act(frame);
  } else if (frame.type === "pong") act(frame);
  else if (frame.type === "error") console.warn(`ctibridge: ${frame.data.code}: ${frame.data.message}`);
}

function act(action) {
  if (action.type === "sit") {
    link.send(action);
    link.send({ type: "ping" }); // its answer says where we sit now
    return;
  }
  const before = state.sequence;
  state = reduce(state, action);
  if (state.link.status === "live" && forgetting.length && state.sequence >= replayEnd) {
    state = reduce(state, { type: "forget", calls: forgetting });
    forgetting = [];
  }
  if (state.link.status === "refused") signedOut();
  if (state.sequence !== before) acknowledgeSoon();
  drawSoon();
}

function acknowledgeSoon() {
  ackTimer ??= setTimeout(() => {
    ackTimer = null;
    link.send({ type: "ack", sequence: state.sequence });
  }, ACK_AFTER);
}

// -- drawing ----------------------------------------------------------------------------------------------------------

// Frames of a replay come in bursts: one drawing for all of them. A hidden page has no animation frames.
function drawSoon() {
  if (drawn !== null) return;
  drawn = document.hidden ? setTimeout(draw, 50) : requestAnimationFrame(draw);
}

function draw() {
  drawn = null;
  render(state, act);
  tick();
  announce();
  reportShown();
  if (!forgetting.length && state.epoch !== null) sessionStorage.setItem(BOOKMARK, JSON.stringify(bookmark(state)));
}

document.addEventListener("visibilitychange", () => {
  // What was to be drawn while the page went out of sight is drawn now.
  if (drawn !== null) {
    cancelAnimationFrame(drawn);
    clearTimeout(drawn);
    drawn = null;
  }
  drawSoon();
});

// A pop is shown when it has been painted and the page can be seen.
function reportShown() {
  const fresh = [state.main, ...state.strips]
    .filter((id) => rings(state.calls[id]) && state.calls[id].data)
    .map((id) => [id, state.calls[id].rangIn])
    .filter(([id, sequence]) => !reported.has(`${id} ${sequence}`));
  if (!fresh.length || document.visibilityState !== "visible") return;
  requestAnimationFrame(() => {
    for (const [call, sequence] of fresh) {
      const key = `${call} ${sequence}`;
      if (!reported.has(key) && link.send({ type: "shown", call, sequence })) reported.add(key);
    }
  });
}

// Once for a call, in whole sentences, politely: a screen reader finishes what it says first.
function announce() {
  for (const id of [state.main, ...state.strips]) {
    const entry = state.calls[id];
    if (rings(entry) && entry.data && !announced.has(id)) {
      announced.add(id);
      document.getElementById("announce").textContent = announcement(entry.data);
    }
  }
}

function tick() {
  for (const node of document.querySelectorAll(".since")) {
    const { from, to } = node.dataset;
    node.textContent = elapsed(Date.parse(from), to ? Date.parse(to) : Date.now());
  }
}
setInterval(tick, 1000);

// -- the token --------------------------------------------------------------------------------------------------------

function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

function signedOut() {
  sessionStorage.clear();
  forgetting = [];
  state = { ...INITIAL, link: state.link };
  document.getElementById("announce").textContent = "";
}

function signIn(token) {
  sessionStorage.setItem(TOKEN, JSON.stringify(token));
  link.open(token);
}

document.getElementById("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = document.getElementById("token");
  const token = field.value.trim();
  field.value = "";
  if (token) signIn(token);
});

// `#token=…` hands the token over without it being in any request or log; it leaves the address bar at once.
function handedOver() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) history.replaceState(null, "", location.pathname + location.search);
  return token;
}

function start() {
  const given = handedOver();
  const token = given ?? read(TOKEN);
  if (given !== null && given !== read(TOKEN)) signedOut();
  if (token) signIn(token);
  else act({ type: "link", link: { status: "refused", reason: "" } });
}

addEventListener("hashchange", () => handedOverAgain());
function handedOverAgain() {
  const token = handedOver();
  if (token) signIn(token);
}

start();
