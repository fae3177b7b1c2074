// A soft sound while a call rings: two gentle tones, made here. The audio clock itself repeats them, as the timers of a
// hidden page are throttled. Browsers stay silent until the page has been clicked or typed in once.

const EVERY = 3.2; // seconds from one pair of tones to the next
const TONES = [{ at: 0, pitch: 523.25 }, { at: 0.28, pitch: 659.26 }]; // C5, E5
const LASTS = 1.4;
const ATTACK = 0.025;
const DECAY = 0.32;
const FADE = 0.012; // a sound that is cut off clicks
const GESTURES = ["pointerdown", "pointerup", "keydown"];

const swell = (time) => Math.min(1, time / ATTACK) * Math.exp(-time / DECAY) * (1 - time / LASTS);
const tone = (pitch, time) => Math.sin(2 * Math.PI * pitch * time) + 0.12 * Math.sin(4 * Math.PI * pitch * time);

// One pair of tones and the rest behind it. rate: samples for each second.
export function chime(rate) {
  const samples = new Float32Array(Math.round(EVERY * rate));
  for (const { at, pitch } of TONES) {
    const first = Math.round(at * rate);
    for (let index = 0; index < LASTS * rate; index += 1) {
      samples[first + index] += 0.5 * swell(index / rate) * tone(pitch, index / rate);
    }
  }
  return samples;
}

// "change" when it becomes allowed, or is not any more.
export class Sound extends EventTarget {
  #context = null;
  #volume = null;
  #buffer = null;
  #playing = null; // {source, fade}
  #allowed = false;
  #percent = 0;

  // "unsupported", "blocked" (until the first gesture), "ready"
  get state() {
    if (!("AudioContext" in globalThis)) return "unsupported";
    return this.#allowed ? "ready" : "blocked";
  }

  // Finds out whether it may be heard, before the first call.
  prepare() {
    if (this.#context || this.state === "unsupported") return;
    this.#context = new AudioContext();
    this.#volume = this.#context.createGain();
    this.#volume.connect(this.#context.destination);
    this.#buffer = recorded(this.#context);
    this.volume = this.#percent;
    this.#context.addEventListener("statechange", () => this.#changed());
    for (const gesture of GESTURES) document.addEventListener(gesture, () => this.#touched(), { capture: true });
    this.#changed();
  }

  // 0 to 100; the ear hears powers.
  set volume(percent) {
    this.#percent = percent;
    if (this.#volume) this.#volume.gain.value = (percent / 100) ** 2;
  }

  get plays() {
    return this.#playing !== null;
  }

  play({ repeat }) {
    this.stop();
    this.prepare();
    if (!this.#context) return;
    const [source, fade] = [this.#context.createBufferSource(), this.#context.createGain()];
    source.buffer = this.#buffer;
    source.loop = repeat;
    source.connect(fade).connect(this.#volume);
    source.addEventListener("ended", () => this.#ended(source));
    source.start();
    this.#playing = { source, fade, repeat };
    this.#resume();
  }

  get repeats() {
    return this.#playing?.repeat ?? false;
  }

  stop() {
    if (!this.#playing) return;
    const { source, fade } = this.#playing;
    this.#playing = null;
    const { state, currentTime } = this.#context;
    // Where it is still blocked nothing may be left that sounds after the first click.
    if (state !== "running") source.stop();
    else {
      fade.gain.setTargetAtTime(0, currentTime, FADE);
      source.stop(currentTime + 6 * FADE);
    }
  }

  #ended(source) {
    if (this.#playing?.source === source) this.#playing = null;
    this.#rest();
  }

  #rest() {
    // An idle page does not keep the machine's audio open all day.
    if (!this.#playing && this.#context.state === "running") this.#context.suspend().catch(() => {});
  }

  #touched() {
    if (!this.#allowed) this.#resume();
  }

  #resume() {
    this.#context.resume().catch(() => this.#allow(false));
  }

  #changed() {
    if (this.#context.state !== "running") return;
    this.#allow(true);
    this.#rest();
  }

  #allow(allowed) {
    if (allowed === this.#allowed) return;
    this.#allowed = allowed;
    this.dispatchEvent(new Event("change"));
  }
}

function recorded(context) {
  const samples = chime(context.sampleRate);
  const buffer = context.createBuffer(1, samples.length, context.sampleRate);
  buffer.copyToChannel(samples, 0);
  return buffer;
}
