// The way to the gateway: calls, files, and the stream of what has changed.

const SILENT_MS = 45_000; // a stream that says nothing for so long, not even a heartbeat, is dead
const SOON_MS = 10_000;
const AGAIN_MS = [500, 15_000];

// What the gateway refused: `status`, `code`, and a message that ends with what to do.
export class Refused extends Error {
  constructor(status, answer, retryAfter) {
    super([answer.message, answer.what_to_do].filter(Boolean).map((words) => words.replace(/\.*$/, ".")).join(" ") || `The gateway answered ${status}.`);
    this.status = status;
    this.code = answer.code;
    this.retryMs = retryAfter ? 1000 * Number(retryAfter) : undefined;
  }

  // Whether the same request may succeed a little later; what takes longer is told to the person instead.
  get passing() {
    return this.status >= 500 || (this.status === 429 && this.retryMs <= SOON_MS);
  }
}

// Nobody answered, or the answer broke off.
export class Away extends Error {
  status = 0;
  passing = true;

  constructor() {
    super("The gateway does not answer.");
  }
}

export class Gateway {
  // `token()` is asked before each request; `denied()` is told when it holds no longer.
  constructor(token, denied) {
    Object.assign(this, { token, denied });
  }

  // Throws Refused or Away.
  async request(path, options = {}) {
    const used = this.token();
    const answer = await fetch(path, {
      ...options,
      headers: { Authorization: `Bearer ${used}`, ...options.headers },
      cache: "no-store",
      redirect: "error",
      credentials: "omit",
    }).catch(() => {
      throw new Away();
    });
    if (answer.ok) return answer;
    const said = await answer.json().catch(() => ({}));
    if (answer.status === 401 && used === this.token()) this.denied();
    throw new Refused(answer.status, said, answer.headers.get("Retry-After"));
  }

  async call(name, values = {}) {
    const body = JSON.stringify(values);
    const answer = await this.request(`/rpc/${name}`, { method: "POST", body, headers: { "Content-Type": "application/json" } });
    return whole(answer.json());
  }

  async view(name, query = "") {
    return whole((await this.request(`/${name}${query}`)).json());
  }

  async file(design, name) {
    const steps = name.split("/");
    if (steps.some((step) => ["", ".", ".."].includes(step))) throw new Error("This name is none of a file.");
    const path = steps.map(encodeURIComponent).join("/");
    return whole((await this.request(`/files/${design}/${path}`)).blob());
  }

  // Follow the events until `signal` ends it: `heard(kind, data)` for each, `state("live" or "away")` as it changes.
  // The beginning of a stream is told as `heard("open")`: what happened before it is not in it.
  async follow(heard, state, signal) {
    let wait = AGAIN_MS[0];
    while (!signal.aborted) {
      const silence = new AbortController();
      const cut = () => silence.abort();
      signal.addEventListener("abort", cut);
      let timer, failed = false;
      const alive = () => {
        clearTimeout(timer);
        timer = setTimeout(cut, SILENT_MS);
      };
      alive();
      try {
        const answer = await this.request("/events", { signal: silence.signal });
        wait = AGAIN_MS[0];
        state("live");
        heard("open");
        await readEvents(answer.body, alive, heard);
      } catch (error) {
        if (error.status === 401) return; // whoever signs in follows again
        wait = error.retryMs ?? wait;
        failed = true;
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", cut);
      }
      if (signal.aborted) return;
      if (failed) state("away"); // one that the gateway ended is only taken up again
      await pause(wait * (0.5 + Math.random() / 2), signal);
      wait = Math.min(2 * wait, AGAIN_MS[1]);
    }
  }
}

function whole(content) {
  return content.catch(() => {
    throw new Away();
  });
}

// Parse server-sent events (HTML standard, section 9.2) as far as the gateway writes them.
async function readEvents(body, alive, heard) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    alive();
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const fields = Object.fromEntries(event.split("\n").map((line) => line.split(/: ?(.*)/s, 2)));
      if (fields.event) heard(fields.event, fields.data ? JSON.parse(fields.data) : undefined);
    }
  }
}

// Wait; ends early when the network comes back, or with `signal`.
export function pause(ms, signal) {
  return new Promise((done) => {
    const ready = () => {
      clearTimeout(timer);
      removeEventListener("online", ready);
      signal?.removeEventListener("abort", ready);
      done();
    };
    const timer = setTimeout(ready, ms);
    addEventListener("online", ready);
    signal?.addEventListener("abort", ready);
  });
}
