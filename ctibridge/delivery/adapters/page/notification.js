// Desktop notifications, one for a key, and whether the browser lets us show any.

// What is to be done where they cannot be shown stands in messages under these names.
function permission() {
  if (!globalThis.isSecureContext) return "insecure"; // browsers allow none there, and do not even ask
  if (!("Notification" in globalThis)) return "unsupported";
  return Notification.permission; // "granted", "denied" or "default": not asked yet
}

const REMEMBERED = 100;

// "change" when the permission changes, here or in the browser's own settings.
export class Notifications extends EventTarget {
  #open = new Map();
  #shown = new Set(); // what was put away by hand does not come back, nor all after a reconnect

  constructor() {
    super();
    this.#watch();
  }

  get permission() {
    return permission();
  }

  // Only from a click: browsers punish those that ask unasked.
  async ask() {
    await Notification.requestPermission();
    this.dispatchEvent(new Event("change"));
  }

  // wanted: of all that ring now: {key, tag, title, body, mine, onClick}. Others are closed.
  update(wanted) {
    const keys = new Set(wanted.map(({ key }) => key));
    for (const key of [...this.#open.keys()].filter((one) => !keys.has(one))) this.#close(key);
    if (this.permission !== "granted") return;
    for (const one of wanted) if (one.mine && !this.#shown.has(one.key)) this.#show(one);
  }

  #show({ key, tag, title, body, onClick }) {
    try {
      // Silent: the page has a sound of its own. It stays until the call is answered or over, then we close it.
      const note = new Notification(title, { tag, body, dir: "auto", silent: true, requireInteraction: true });
      note.addEventListener("click", () => {
        focus(); // the window: the agent asked for it
        onClick();
        this.#close(key);
      });
      this.#open.set(key, note);
      this.#shown = new Set([...this.#shown, key].slice(-REMEMBERED));
    } catch {
      // Some browsers on phones have the class and let no page use it.
    }
  }

  #close(key) {
    this.#open.get(key)?.close();
    this.#open.delete(key);
  }

  async #watch() {
    try {
      const status = await navigator.permissions.query({ name: "notifications" });
      status.addEventListener("change", () => this.dispatchEvent(new Event("change")));
    } catch {
      // Not told by this browser; the page looks again whenever it draws.
    }
  }
}
