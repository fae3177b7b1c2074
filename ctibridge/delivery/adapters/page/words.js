// The page's own words, in one place; what a call says of itself never comes from here.

export const OUTCOMES = {
  answered_here: "Answered here",
  answered_elsewhere: "Answered",
  abandoned: "Caller hung up",
  declined: "Declined",
  timed_out: "Rang out",
  failed: "Failed",
  unknown: "Ended, outcome unknown",
};

// Without dialog-info "elsewhere" may be this agent's own phone (contract: *Answered*): nothing more is claimed.
export function answeredBy({ outcome, answered_by: by }) {
  if (outcome !== "answered_elsewhere") return "";
  return by ? `by ${by.agent ?? `line ${by.line}`}` : "on another device";
}

const HAND_OVERS = {
  attended: "Transferred by",
  blind: "Transferred by",
  pickup: "Picked up from",
  internal: "Has spoken to this caller:",
};

export const handOver = ({ kind, line, agent }) =>
  `${HAND_OVERS[kind] ?? "Handed over by"} ${agent === null ? `line ${line}` : `${agent} (line ${line})`}`;

export const LINE_STATES = {
  registering: "connecting",
  registered: "heard",
  alone: "held back",
  deaf: "deaf",
};

export const LANGUAGE_SOURCES = {
  person: "from the person’s record",
  site: "from the person’s site",
  called_number: "from the number called",
  account: "the company’s usual language",
  calling_country: "from the calling country",
  default: "your default",
};

const GRADES = {
  exact: "exact",
  rewritten: "after adding the prefix",
  extension: "as an extension",
  suffix: "last digits only",
};

// What the PBX may name a person by; the words a trunk's configuration invents are shown as they are.
const CLAIMS = { employee_id: "Employee number", support_id: "Support ID", email: "E-mail address" };
const REMARKS = { ...CLAIMS, request: "Request", alert: "Rings as" };

export const remark = ({ kind }) => (Object.hasOwn(REMARKS, kind) ? REMARKS[kind] : kind);

export const ATTESTATIONS = {
  A: "A: caller and number known",
  B: "B: caller known, number not",
  C: "C: origin unknown",
  passed: "verified",
  failed: "verification failed",
  none: "not verified",
};

const SIGNALS = {
  attestation_failed: () => "The network could not verify this number",
  claim_contradicts_number: () => "The number belongs to one person, what the switchboard names to another",
  number_changed_recently: ({ days }) =>
    days === undefined ? "This number was changed recently" : `This number was changed ${daysAgo(days)}`,
};

function daysAgo(days) {
  return days === 0 ? "today" : days === 1 ? "yesterday" : `${days} days ago`;
}

export function evidence({ kind, label, grade }, candidate) {
  if (kind === "number") return `${label ?? "known"} number, ${GRADES[grade] ?? grade ?? "matched"}`;
  if (Object.hasOwn(CLAIMS, kind)) return `${CLAIMS[kind].toLowerCase()} named by the switchboard`;
  if (kind === "called_account") return `called ${candidate.account.name}’s desk`;
  return kind.replaceAll("_", " ");
}

export function signal(one) {
  return SIGNALS[one.kind]?.(one) ?? one.kind.replaceAll("_", " ");
}

export function company(data) {
  return data.called.name ?? data.called.account?.name ?? "No service number";
}

const hasNumber = ({ evidence: reasons }) => reasons.some(({ kind }) => kind === "number");

// What belongs to these people: the number, unless it is only an id that the switchboard names.
function subject(people) {
  const claim = people.flatMap((one) => one.evidence).find(({ kind }) => Object.hasOwn(CLAIMS, kind));
  return people.some(hasNumber) || !claim ? "Number" : CLAIMS[claim.kind];
}

// What the person block says first. The number belongs to somebody; who speaks, nobody knows.
export function belongs(data) {
  const people = data.resolution.candidates;
  const account = data.resolution.account?.name;
  const contradicted = data.trust.signals.some(({ kind }) => kind === "claim_contradicts_number");
  switch (data.resolution.status) {
    case "identified":
      return { label: `${subject(people.slice(0, 1))} belongs to` };
    case "ambiguous":
      return {
        label: contradicted ? "Number and switchboard name different people"
          : `${subject(people)} belongs to one of ${people.length}`,
        hint: "Ask for the name before you say one.",
      };
    case "shared":
      return {
        label: "Shared number",
        title: account ?? "Several companies",
        hint: `Many people call from this number. Ask who is calling.`,
      };
    case "withheld":
      return { label: "Caller", title: "Number withheld", hint: "The caller hides the number. Ask for the name." };
    default:
      return people.length
        ? { label: `${subject(people)} is on record only for`, hint: "Nobody who may call now. Ask for the name." }
        : { label: "Caller", title: "Not on record", hint: "Nobody is known by this number. Ask for the name." };
  }
}

export function clock(text) {
  return new Date(text).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

export function elapsed(from, to) {
  const seconds = Math.max(0, Math.round((to - from) / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export function announcement(data) {
  const people = data.resolution.candidates.filter((one) => one.person.name !== null);
  const who = data.resolution.status === "identified" && people.length
    ? `${belongs(data).label} ${people[0].person.name}.`
    : `${belongs(data).title ?? belongs(data).label}.`;
  return `Call for ${company(data)}. ${data.language.name}. ${who}`;
}
