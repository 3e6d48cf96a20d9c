// One design, live: where it stands, the talk, the board, the checks, the files.

import { Board } from "./board.js";
import { el, say } from "./dom.js";
import { Tables } from "./tables.js";
import { Talk } from "./talk.js";
import { plain, SHORT, stage, took, WAY } from "./words.js";

const PATH = { awaiting_user: "briefing", comparing: "designing" }; // where on the way a state belongs

export class Design {
  constructor(gateway, sending, number) {
    Object.assign(this, { gateway, number });
    this.talk = new Talk(number, sending, (name) => this.act(name));
    this.board = new Board(gateway, number);
    this.tables = new Tables(gateway, number, (sentence) => say(this.trouble, sentence));
    this.title = el("h1", { tabIndex: -1, className: "word" }, `Design ${number}`);
    this.state = el("p", { className: "state", role: "status" });
    this.progress = el("p", { className: "progress word" });
    this.trouble = el("p", { className: "trouble word", role: "alert" });
    this.way = el("ol", { className: "way", "aria-label": "Stages" }, ...WAY.map((name) => el("li", {}, SHORT[name])));
    this.root = el("article", { className: "design" },
      el("header", {}, el("a", { className: "back", href: "#" }, "All designs"), this.title, this.way, this.state, this.progress, this.trouble),
      el("div", { className: "left" }, this.board.root, this.tables.checks.root, this.tables.parts.root, this.tables.history.root),
      el("div", { className: "right" }, this.talk.root, this.tables.files));
    this.ticking = setInterval(() => this.tick(), 1000);
  }

  close() {
    this.closed = true;
    clearInterval(this.ticking);
    this.board.close();
    this.root.remove();
  }

  async act(name) {
    say(this.trouble, "");
    try {
      await this.gateway.call(`${name}_design`, { p_design: this.number });
    } catch (error) {
      if (error.status !== 401) say(this.trouble, plain(error.message));
    }
    await this.refresh();
  }

  // Read the design anew; asked while it does, it does so once more afterwards.  Throws what the gateway throws.
  async refresh() {
    this.again = true;
    this.reading ??= this.read().finally(() => (this.reading = null));
    return this.reading;
  }

  async read() {
    while (this.again && !this.closed) {
      this.again = false;
      const values = { p_design: this.number };
      const [status, messages] = await Promise.all([
        this.gateway.call("design_status", values),
        this.gateway.call("design_messages", { ...values, p_after: this.talk.last }),
      ]);
      if (this.closed) return;
      this.talk.add(messages);
      this.show(status);
      const moved = `${status.state} ${status.attempt} ${status.finished}`;
      if (this.moved === moved) continue;
      const [files, parts, history] = await Promise.all(
        ["design_files", "bill_of_materials", "design_history"].map((name) => this.gateway.call(name, values)),
      );
      if (this.closed) return;
      this.moved = moved;
      this.tables.showFiles(files);
      this.tables.showParts(parts);
      this.tables.showHistory(history);
      this.board.show(files, parts);
    }
  }

  show(status) {
    this.status = status;
    this.read_at = performance.now();
    const title = plain(status.title);
    say(this.title, title);
    const attempt = status.attempt ? `, attempt ${status.attempt} of ${status.attempt_limit}` : "";
    say(this.state, `${status.paused && !status.finished ? "Paused: " : ""}${stage(status.state)}${attempt}`);
    this.state.dataset.state = status.state;
    say(this.trouble, status.error ? plain(status.error) : "");
    document.title = `${stage(status.state)} · ${title.slice(0, 60)}`;
    const at = WAY.indexOf(PATH[status.state] ?? status.state);
    [...this.way.children].forEach((step, place) => {
      step.className = at < 0 ? "" : place < at || status.state === "resolved" ? "done" : place === at ? "now" : "";
      if (place === at) step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
    });
    this.talk.offer(status);
    this.tables.showChecks(status.checks);
    this.tick();
  }

  // How long it has taken goes on between two looks.
  tick() {
    if (!this.status) return;
    const { elapsed_s: then, finished, progress } = this.status;
    const elapsed = Number(then) + (finished ? 0 : (performance.now() - this.read_at) / 1000);
    say(this.progress, finished ? `Took ${took(elapsed)}` : [plain(progress), took(elapsed)].filter(Boolean).join(" · "));
  }
}
