// The first script, and a small one: what of the page does not arrive is asked for again. A browser does not do that by
// itself: where the network changes while a page loads, its requests fail, and the page would stand at its first word.
// A module that failed once has failed for its document, so the whole page is loaded again, once the service answers.
// `#unloaded` stands in the page until page.js has come to its end; CSS shows it where not even this script came.
"use strict";
{
  const PATIENCE = 20_000; // twice as long each time: a slow network may need it
  const LONGEST_PATIENCE = 5 * 60_000;
  const FIRST_WAIT = 500;
  const LONGEST_WAIT = 60_000;
  const WITHIN = 10_000;

  const patience = (tries) => Math.min(LONGEST_PATIENCE, PATIENCE * 2 ** tries);
  // A floor full of pages does not come back in one instant.
  const pause = (tries) => (0.5 + 0.5 * Math.random()) * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** tries);

  const sentence = () => document.getElementById("unloaded");
  const hasBegun = () => document.readyState !== "loading" && sentence() === null;

  let tries = Number(history.state?.tries) || 0; // of this tab, since it began the last time
  let isMending = false;

  addEventListener("error", (event) => {
    const { target } = event;
    if (target instanceof HTMLLinkElement) styleAgain(target);
    else if (target instanceof HTMLScriptElement || target === window) mend();
  }, true);

  setTimeout(() => {
    if (hasBegun()) history.replaceState(null, "");
    else mend();
  }, patience(tries));

  function mend() {
    if (isMending || hasBegun()) return;
    isMending = true;
    say();
    setTimeout(again, pause(tries));
  }

  function say() {
    if (document.readyState === "loading") {
      document.addEventListener("readystatechange", say, { once: true });
    } else if (!hasBegun()) {
      const link = document.getElementById("link");
      link.dataset.link = "lost";
      link.textContent = "";
      const spoken = [...sentence().children];
      const wanted = navigator.languages.map((tag) => tag.split("-")[0].toLowerCase());
      const mine = wanted.map((tag) => spoken.find(({ lang }) => lang === tag)).find(Boolean) ?? spoken[0];
      for (const one of spoken) one.hidden = one !== mine;
      sentence().dataset.said = "";
    }
  }

  // The page stays until there is something to put in its place: the browser's own error would not come back by itself.
  async function again() {
    const answers = await serviceAnswers();
    if (hasBegun()) return;
    tries += 1;
    if (!answers) {
      setTimeout(again, pause(tries));
    } else {
      history.replaceState({ tries }, "");
      location.reload();
    }
  }

  async function serviceAnswers() {
    try {
      const signal = AbortSignal.timeout(WITHIN);
      const { status } = await fetch(location.pathname, { cache: "no-store", redirect: "manual", signal });
      return status < 400 || status === 401 || status === 403; // a proxy that wants him to sign in is none of our errors
    } catch {
      return false;
    }
  }

  // Without its looks the page works: they come later, where they stand.
  function styleAgain(link) {
    if (link.rel !== "stylesheet") return;
    const copy = link.cloneNode();
    const times = Number(link.dataset.tries ?? 0);
    copy.dataset.tries = times + 1;
    setTimeout(() => link.replaceWith(copy), pause(times));
  }
}
