// The page's own words, in one place; what a call says of itself never comes from here.

export const OUTCOMES = {
  answered_here: "Answered",
  answered_elsewhere: "Answered",
  abandoned: "Caller hung up",
  declined: "Declined",
  timed_out: "Rang out",
  failed: "Failed",
  unknown: "Ended, outcome unknown",
};

// Without dialog-info "elsewhere" may be this agent's own phone (contract: *Answered*): nothing more is claimed.
export const OUTCOME_HINTS = { answered_elsewhere: "on another device" };

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

const SIGNALS = {
  number_changed_recently: ({ days }) =>
    days === undefined ? "This number was changed recently" : `This number was changed ${daysAgo(days)}`,
};

function daysAgo(days) {
  return days === 0 ? "today" : days === 1 ? "yesterday" : `${days} days ago`;
}

export function evidence({ kind, label, grade }, candidate) {
  if (kind === "number") return `${label ?? "known"} number, ${GRADES[grade] ?? grade ?? "matched"}`;
  if (kind === "called_account") return `called ${candidate.account.name}’s desk`;
  return kind.replaceAll("_", " ");
}

export function signal(one) {
  return SIGNALS[one.kind]?.(one) ?? one.kind.replaceAll("_", " ");
}

export function company(data) {
  return data.called.name ?? data.called.account?.name ?? "No service number";
}

// What the person block says first. The number belongs to somebody; who speaks, nobody knows.
export function belongs(data) {
  const people = data.resolution.candidates;
  const account = data.resolution.account?.name;
  switch (data.resolution.status) {
    case "identified":
      return { label: "Number belongs to" };
    case "ambiguous":
      return { label: `Number belongs to one of ${people.length}`, hint: "Ask for the name before you say one." };
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
        ? { label: "Number is on record only for", hint: "Nobody who may call now. Ask for the name." }
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
    ? `Number belongs to ${people[0].person.name}.`
    : `${belongs(data).title ?? belongs(data).label}.`;
  return `Call for ${company(data)}. ${data.language.name}. ${who}`;
}
