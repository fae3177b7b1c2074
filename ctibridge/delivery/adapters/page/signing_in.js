// Single sign-on: the proxy in front knows who sits here, and the service gives this page a token for him.

const WITHIN = 10_000;
const NO_SIGN_IN = ["off", "untrusted", "foreign"]; // nobody signs in by this address

// Reasons as the service gives them; "off" and "ended" are ours. All others: not now.
const SAID = {
  off: "",
  untrusted: "frame.sign_in.elsewhere",
  foreign: "frame.sign_in.elsewhere",
  unknown: "frame.sign_in.unknown",
  ambiguous: "frame.sign_in.unknown",
  disabled: "frame.sign_in.disabled",
  ended: "frame.sign_in.ended",
};
const NOT_NOW = "frame.sign_in.not_now";

const REFUSED = ["frame.refused.4401", "frame.refused.4403"];
const COMES_BACK = [SAID.ended, NOT_NOW];
const TRY_AGAIN = [SAID.unknown, SAID.disabled, ...COMES_BACK, ...REFUSED];

// The service writes it into the page.
const isOffered = () => document.querySelector('meta[name="sign-in"]').content === "proxy";

// Where a new try may do, and the proxy may ask for a password.
export const mayTryAgain = (reason) => isOffered() && TRY_AGAIN.includes(reason);

// Nobody said that he may not: what he was writing waits for him.
export const comesBack = (reason) => COMES_BACK.includes(reason);

// {token, agent}, or {refused}: a reason. It never fails.
export async function askForToken() {
  if (!isOffered()) return { refused: "off" };
  try {
    const answer = await fetch("v1/sign-in", {
      method: "POST",
      headers: { "accept": "application/json", "content-type": "application/json" },
      cache: "no-store",
      redirect: "manual",
      signal: AbortSignal.timeout(WITHIN),
    });
    return isProxys(answer) ? { refused: "ended" } : await told(answer);
  } catch {
    return { refused: "not_now" };
  }
}

// The proxy wants him to sign in there first, which only a page that is opened anew can do: it refuses, sends him
// elsewhere (status 0), or shows its own page. We always speak JSON, but where there is nothing.
export function isProxys({ status, headers }) {
  if (status === 401) return true;
  return status < 500 && status !== 404 && !headers.get("content-type")?.startsWith("application/json");
}

async function told(answer) {
  const { token, agent, reason } = await answer.json();
  return answer.ok && token ? { token, agent } : { refused: reason ?? "not_now" };
}

// What the page says; otherwise: what it says where there is no sign-in.
export function why(refused, otherwise) {
  return NO_SIGN_IN.includes(refused) && otherwise ? otherwise : SAID[refused] ?? NOT_NOW;
}
