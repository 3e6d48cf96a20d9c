// Messages on their way: each has a key from before its first try, kept over tries, reloads and a new sign-in.

import { pause } from "./wire.js";

const KEY = "mas.sending";
const AGAIN_MS = [500, 10_000];

export class Sending {
  // `changed(message, outcome)` is told what became of each: {design} when it arrived, {error} when it was refused.
  constructor(gateway, changed) {
    Object.assign(this, { gateway, changed, busy: false });
    this.waiting = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  }

  add(text, design = null) {
    const message = { key: crypto.randomUUID?.() ?? randomKey(), text, design };
    this.waiting.push(message);
    this.keep();
    this.go();
    return message;
  }

  clear() {
    this.waiting = [];
    this.keep();
  }

  keep() {
    sessionStorage.setItem(KEY, JSON.stringify(this.waiting));
  }

  // Send what waits, one after the other, until nothing does or nobody is signed in.
  async go() {
    if (this.busy) return;
    this.busy = true;
    let wait = AGAIN_MS[0];
    try {
      while (this.waiting.length) {
        const [message] = this.waiting;
        const outcome = await this.attempt(message);
        if (outcome === "signed out") return;
        if (outcome.again) {
          await pause(outcome.again === true ? wait : outcome.again);
          wait = Math.min(2 * wait, AGAIN_MS[1]);
          continue;
        }
        wait = AGAIN_MS[0];
        this.waiting = this.waiting.filter((other) => other.key !== message.key);
        this.keep();
        this.changed(message, outcome);
      }
    } finally {
      this.busy = false;
    }
  }

  async attempt({ text, key, design }) {
    try {
      const values = { p_text: text, p_message_key: key, ...(design === null ? {} : { p_design: design }) };
      return { design: await this.gateway.call("send_message", values) };
    } catch (error) {
      if (error.status === 401) return "signed out";
      if (error.passing) return { again: error.retryMs ?? true };
      return { error };
    }
  }
}

// Browsers have randomUUID over TLS and on this machine only.
function randomKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
