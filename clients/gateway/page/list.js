// The caller's designs and the queue, kept as they are in the database.

import { el, fillTable, say } from "./dom.js";
import { clock, plain, SENDERS, stage, took } from "./words.js";

const MOST = 100;

export class List {
  constructor(gateway, list, queue) {
    Object.assign(this, { gateway, list, queue, items: new Map(), open: null });
  }

  async refresh() {
    const rows = await this.gateway.view("my_designs", `?order=design.desc&limit=${MOST}`);
    const gone = new Set(this.items.keys());
    for (const row of rows) {
      gone.delete(row.design);
      if (!this.items.has(row.design)) this.items.set(row.design, newItem(row.design));
      this.update(this.items.get(row.design), row);
    }
    for (const design of gone) {
      this.items.get(design).item.remove();
      this.items.delete(design);
    }
    rows.forEach((row, at) => {
      const { item } = this.items.get(row.design);
      if (this.list.children[at] !== item) this.list.insertBefore(item, this.list.children[at] ?? null);
    });
  }

  update(parts, row) {
    say(parts.title, plain(row.title));
    say(parts.state, row.paused && !row.finished_at ? "Paused" : stage(row.state));
    parts.state.dataset.state = row.state;
    say(parts.when, clock(row.finished_at ?? row.updated_at));
  }

  // Mark the design that is looked at.
  mark(design) {
    for (const [number, { link }] of this.items) {
      if (number === design) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  showQueue(rows) {
    const busy = rows.reduce((sum, row) => sum + row.working + row.waiting, 0);
    const caption = busy ? `${busy} ${busy === 1 ? "task" : "tasks"} in all` : "Nothing waits";
    fillTable(this.queue, caption, ["Agent", "Waiting", "At work", "Oldest"], rows.map((row) => [
      SENDERS[row.agent] ?? plain(row.agent),
      row.waiting >= 1000 ? "1000+" : String(row.waiting),
      String(row.working),
      row.oldest_s === null ? "–" : took(row.oldest_s),
    ]));
  }

  async refreshQueue() {
    this.showQueue(await this.gateway.view("queue_load", "?order=agent"));
  }

  clear() {
    this.items.clear();
    this.list.replaceChildren();
    this.queue.replaceChildren();
  }
}

function newItem(design) {
  const title = el("span", { className: "title word" });
  const state = el("span", { className: "badge" }), when = el("span", { className: "when" });
  const link = el("a", { href: `#design=${design}` }, title, el("span", { className: "line" }, state, when));
  return { item: el("li", {}, link), link, title, state, when };
}
