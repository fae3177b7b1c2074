// Puts the parts together: messages become state, state becomes the page, the agent's clicks become state or frames.

import { Alerts } from "./alerts.js";
import { Asking } from "./asking.js";
import { byId } from "./dom.js";
import { rings } from "./entries.js";
import { help, listenToKeys } from "./keys.js";
import { Lasting } from "./lasting.js";
import { Link } from "./link.js";
import { elapsed, setLanguage } from "./messages.js";
import * as remembered from "./remembered.js";
import { Settings } from "./settings.js";
import { announce, reportShown } from "./shown.js";
import { askForToken, comesBack, why } from "./signing_in.js";
import { bookmark, INITIAL, reduce, seesOthers } from "./state.js";
import { Tools } from "./tools.js";
import { render } from "./view.js";

const ACK_AFTER = 1000;
const GONE_AFTER = 8000; // that a colleague took a call is said for so long
const PROBLEM_OVER = 8000;
const REFUSED = "frame.refused.4401";
const WORDS_AGAIN = 1000;
const WORDS_AT_LAST = 60_000;
const ASK_AGAIN_AFTER = 60_000; // a new token that is refused sooner is not helped by the next one

const saved = remembered.bookmark();
let token = remembered.token(); // whose page this is
let state = { ...INITIAL, drafts: remembered.drafts(), ...(saved && { epoch: saved.epoch, sequence: saved.sequence }) };
let forgetting = saved?.dismissed ?? [];
let replayEnd = 0;
let stale = false; // the screen; its drawing is on its way
let ackTimer = null;
let tries = 0; // of signing in
let askedAt = -Infinity; // by the proxy's word
let speaking = null; // words are missing, and asked for again then

const link = new Link({ onFrame, onLink, resume });
const lasting = new Lasting({ renew, warn: (at) => act({ type: "ending", at }), isBusy });
const asking = new Asking(act);
const settings = new Settings();
const alerts = new Alerts(settings, act);

function resume() {
  return state.epoch === null ? null : { epoch: state.epoch, sequence: state.sequence };
}

// -- what comes in ----------------------------------------------------------------------------------------------------

function onFrame(frame) {
  if (frame.specversion) return act({ type: "event", event: frame, live: Number(frame.sequence) > replayEnd });
  if (frame.type === "welcome") {
    replayEnd = frame.data.sequence;
    lasting.welcomed(frame.data.expires_in);
  }
  act({ ...frame, now: Date.now() });
}

function act(action) {
  if (action.type === "sit") return sit(action);
  if (action.type === "note") return note(action);
  if (action.type === "send" && !sent(action.frame)) return become({ type: "error", data: { code: "not_sent" } });
  become(action);
  asking.heard(action);
}

function sit(frame) {
  link.send(frame);
  link.send({ type: "ping" }); // its answer says where we sit now
}

function note({ call, text }) {
  if (text && link.send({ type: "note", call, text })) become({ type: "note-sent", call, text });
}

// A call that only this page knows is nothing to speak of with the daemon.
const sent = (frame) => state.calls[frame.call]?.local === true || link.send(frame);

function become(action) {
  const before = state;
  state = reduce(state, action);
  if (state.link.status === "live" && forgetting.length && state.sequence >= replayEnd) {
    state = reduce(state, { type: "forget", calls: forgetting });
    forgetting = [];
  }
  if (state.link.status === "refused") signedOut(comesBack(state.link.reason));
  if (state.sequence !== before.sequence) acknowledgeSoon();
  for (const one of state.gone.filter((other) => !before.gone.includes(other))) {
    setTimeout(() => act({ type: "gone-over", call: one.call }), GONE_AFTER);
  }
  if (state.problem && state.problem !== before.problem) setTimeout(() => act({ type: "problem-over" }), PROBLEM_OVER);
  if (state.drafts !== before.drafts && state.link.status !== "refused") remembered.keepDrafts(state.drafts);
  drawSoon();
  if (seesOthers(state, before)) asking.askToday(); // on the list may be somebody whom the agent may not see any more
}

function acknowledgeSoon() {
  ackTimer ??= setTimeout(() => {
    ackTimer = null;
    link.send({ type: "ack", sequence: state.sequence });
  }, ACK_AFTER);
}

// -- drawing ----------------------------------------------------------------------------------------------------------

// Frames of a replay come in bursts: one drawing for all of them. A hidden page has no animation frames and its timers
// wake once a second; what it tells itself comes at once.
const hiddenTurn = new MessageChannel();
hiddenTurn.port1.onmessage = drawIfStale;

function drawSoon() {
  if (stale) return;
  stale = true;
  if (document.hidden) hiddenTurn.port2.postMessage(null);
  else requestAnimationFrame(drawIfStale);
}

function drawIfStale() {
  if (stale) draw();
}

function draw() {
  stale = false;
  render(state, act);
  alerts.update(state);
  tick();
  announce(state);
  reportShown(state, (frame) => link.send(frame));
  if (!forgetting.length && state.epoch !== null) remembered.keepBookmark(bookmark(state));
}

// What was to be drawn while the page went out of sight is drawn now; what is seen again counts as shown.
document.addEventListener("visibilitychange", () => {
  drawIfStale();
  drawSoon();
});

function tick() {
  for (const node of document.querySelectorAll(".since")) {
    const { from, to } = node.dataset;
    node.textContent = elapsed(Date.parse(from), to ? Date.parse(to) : Date.now());
  }
}
setInterval(tick, 1000);

// -- the agent --------------------------------------------------------------------------------------------------------

listenToKeys(() => state, act);
byId("keys-open").addEventListener("click", help);
settings.addEventListener("change", () => speak().then(drawSoon));

// Words that did not arrive are asked for again; until then a call shows all that it says of itself.
async function speak(wait = WORDS_AGAIN) {
  clearTimeout(speaking);
  if (await setLanguage(settings.value.language || null)) return;
  speaking = setTimeout(() => speak(Math.min(2 * wait, WORDS_AT_LAST)).then(drawSoon), wait);
}

// -- the token --------------------------------------------------------------------------------------------------------

// Where he only could not be asked for now, the tab keeps his notes for him; another one's sign-in forgets them.
function signedOut(remember = false) {
  token = null;
  lasting.over();
  if (remember) remembered.forgetToken();
  else remembered.forget();
  forgetting = [];
  clearTimeout(ackTimer); // what the next one is told is counted anew
  ackTimer = null;
  state = { ...INITIAL, link: state.link };
  byId("announce").textContent = "";
}

// By another token it may be another agent: nothing of the first one's stays.
function signIn(given, agent = null) {
  if (given !== token) signedOut();
  goOn(given, agent);
}

function goOn(given, agent) {
  tries += 1;
  token = given;
  remembered.keepToken(given, agent);
  link.open(given);
}

// -- signed in by a proxy ---------------------------------------------------------------------------------------------

function onLink(status) {
  if (status.reason === REFUSED && Date.now() - askedAt > ASK_AGAIN_AFTER) signOn(status.reason);
  else act({ type: "link", link: status });
}

// Asks once, and says what came of it. otherwise: what is said where nobody is signed in so.
async function signOn(otherwise) {
  const mine = (tries += 1);
  askedAt = Date.now();
  act({ type: "link", link: { status: "connecting", reason: "frame.waiting.signing_in" } });
  const answer = await askForToken();
  if (mine !== tries) return; // he has given a token himself meanwhile
  if (answer.refused) act({ type: "link", link: { status: "refused", reason: why(answer.refused, otherwise) } });
  else if (answer.agent === (state.agent || remembered.signedIn())) goOn(answer.token, answer.agent);
  else signIn(answer.token, answer.agent);
}

// Before the end of the token, and behind the back of who works: only for the same agent. False: not here.
async function renew() {
  const mine = tries;
  const answer = await askForToken();
  if (mine === tries && answer.agent === state.agent) goOn(answer.token, answer.agent);
  return answer.refused !== "off";
}

function isBusy() {
  return Object.values(state.calls).some(rings);
}

byId("sign-in-again").addEventListener("click", () => location.reload());

// -- a token ----------------------------------------------------------------------------------------------------------

byId("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = byId("token");
  const given = field.value.trim();
  field.value = "";
  if (given) signIn(given);
});

// `#token=…` hands the token over without it being in any request or log; it leaves the address bar at once.
function handedOver() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) history.replaceState(null, "", location.pathname + location.search);
  return given;
}

function enter() {
  const given = handedOver();
  if (given) signIn(given);
  return Boolean(given);
}

addEventListener("hashchange", enter);

await speak();
new Tools(settings, alerts);
if (!enter()) {
  // Whom the proxy signed in then is perhaps not who sits here now.
  if (token && remembered.signedIn() === null) signIn(token);
  else signOn("");
}
byId("unloaded").remove(); // see start.js
