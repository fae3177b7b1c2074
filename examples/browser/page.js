// The page: what a desk hears, as cards. Everything that came from outside is set as textContent.
import { Desk } from "./stream.js";

const MOST = 20;
const calls = new Map(); // by id, the one that rang last comes last
const find = (id) => document.getElementById(id);
let desk = null;

find("sign-in").addEventListener("submit", (asked) => {
  asked.preventDefault();
  desk?.close();
  calls.clear();
  draw();
  const [address, token] = [find("address"), find("token")];
  try {
    desk = new Desk(new URL("/v1/desk", address.value), token.value, { welcome, event, state });
    desk.open();
  } catch {
    state("ended", "this is no address of a websocket; write it like ws://127.0.0.1:8137");
  }
  token.value = "";
});

function welcome({ calls: newest, details }) {
  calls.clear();
  for (const data of newest) {
    const pop = details.find((detail) => detail.call === data.call.id)?.pop;
    calls.set(data.call.id, { ...pop, ...data });
  }
  draw();
}

function event({ type, subject, data }) {
  if (type === "call.ringing") calls.delete(subject); // to the end
  if (data.call && (calls.has(subject) || "resolution" in data)) {
    const { by, note, state: _, ...told } = data; // those of call.worked are its own
    calls.set(subject, { ...calls.get(subject), ...told });
  }
  for (const id of calls.keys()) if (calls.size > MOST) calls.delete(id);
  draw();
}

function state(word, reason) {
  const words = { live: "Live", waiting: "Not connected, trying again", ended: "Ended" };
  find("state").dataset.state = word;
  find("state").textContent = reason ? `${words[word]}: ${reason}` : words[word];
}

function draw() {
  find("calls").replaceChildren(...[...calls.values()].reverse().map(card));
  find("none").hidden = calls.size > 0;
}

function card(pop) {
  const node = find("card").content.cloneNode(true);
  const write = (name, text, language = "") => {
    const place = node.querySelector(`.${name}`);
    place.textContent = text ?? "";
    place.hidden = !text;
    if (language) place.lang = language;
  };
  const { call, called, caller, resolution, language, links = [] } = pop;
  node.querySelector("li").dataset.state = call.state;
  write("happens", happens(call));
  write("company", called?.name ?? "Unknown company");
  write("greeting", language?.greeting, language?.tag);
  write("who", resolution && who(resolution, caller));
  write("number", caller?.number ?? caller?.raw);
  write("language", language && `${language.endonym}${language.spoken_by_agent ? "" : ", not one of yours"}`);
  node.querySelector(".links").append(...links.filter(isOfTheWeb).map(link));
  return node;
}

function happens({ state: now, outcome = "unknown" }) {
  return outcome === "unknown" ? now : outcome.replaceAll("_", " ");
}

// A number belongs to somebody; who holds the telephone it cannot say.
function who({ status, account, candidates }, caller) {
  const names = candidates.map(({ person, account: { name } }) => `${person.name ?? person.id} (${name})`);
  if (status === "identified") return `This number belongs to ${names[0]}`;
  if (status === "ambiguous") return `One of ${names.join(", ")}`;
  if (status === "shared") return account ? `A number of many at ${account.name}` : "A number of many people";
  if (status === "withheld") return "Number withheld";
  return caller.display_name ? `Unknown; the telephone says “${caller.display_name}”` : "Unknown";
}

function isOfTheWeb({ url }) {
  return URL.canParse(url) && ["https:", "http:"].includes(new URL(url).protocol);
}

function link({ title, url }) {
  const made = document.createElement("a");
  made.textContent = title;
  made.href = url;
  made.target = "_blank";
  made.rel = "noopener noreferrer";
  return made;
}
