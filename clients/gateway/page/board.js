// The board to look at: a 3D view and KiCad's pictures, one at a time.

import { el, say } from "./dom.js";
import { Viewer } from "./viewer.js";
import { plain } from "./words.js";

const MODEL = "board.glb";
const VIEWS = [[MODEL, "3D"], ["board.png", "Picture"], ["top.png", "Top"], ["bottom.png", "Bottom"]];
const HINT = matchMedia("(pointer: coarse)").matches
  ? "Drag to turn, two fingers to move and to come closer."
  : "Drag to turn, Shift and drag to move, point at a part for its value.";
const HANDS = "Drag to turn, Shift and drag to move, pinch or + and − to come closer; with the keyboard: arrows, Shift and arrows, +, −, Home.";

export class Board {
  constructor(gateway, design) {
    Object.assign(this, { gateway, design, files: new Map(), values: new Map(), chosen: null, addresses: [] });
    this.tabs = el("div", { className: "tabs", role: "tablist", "aria-label": "Views of the board" });
    this.picture = el("img", { className: "picture", hidden: true });
    this.canvas = el("canvas", { tabIndex: 0, role: "application", "aria-roledescription": "3D view", "aria-label": `The board in three dimensions. ${HANDS}` });
    this.under = el("output", { className: "under word" });
    const hands = [["Turn over", "turnOver"], ["Closer", "closer", 1.3], ["Farther", "closer", 1 / 1.3], ["Reset", "home"]];
    this.hands = el("div", { className: "hands" }, el("p", {}, HINT), ...hands.map(([words, name, value]) => {
      const made = el("button", { type: "button", className: "plain" }, words);
      made.addEventListener("click", () => this.viewer?.[name](value));
      return made;
    }));
    this.solid = el("div", { className: "solid", hidden: true }, this.canvas, this.under, this.hands);
    this.note = el("p", { className: "note", role: "status" });
    this.panel = el("div", { className: "view", role: "tabpanel", id: "view", "aria-labelledby": "tab-0" }, this.solid, this.picture, this.note);
    this.root = el("section", { className: "card board", "aria-labelledby": "board-title", hidden: true },
      el("div", { className: "head" }, el("h2", { id: "board-title" }, "Board"), this.tabs), this.panel);
    this.canvas.addEventListener("pointermove", (event) => this.point(event));
    this.canvas.addEventListener("pointerleave", () => say(this.under, ""));
    this.tabs.addEventListener("keydown", (event) => this.step(event));
  }

  // Files of the best attempt so far, and what each part is; a file that has changed is shown anew.
  show(files, parts) {
    this.values = new Map(parts.flatMap((part) => part.refs.split(" ").map((ref) => [ref, part.value])));
    const before = this.files;
    this.files = new Map(files.map((file) => [file.name, file.sha256]));
    const there = VIEWS.filter(([name]) => this.files.has(name));
    this.root.hidden = !there.length;
    if (!there.length) return;
    if (there.map(([name]) => name).join() !== [...this.tabs.children].map((tab) => tab.dataset.name).join()) {
      this.tabs.replaceChildren(...there.map(([name, words], at) => this.tab(name, words, at)));
    }
    const stays = this.files.has(this.chosen);
    if (!stays || before.get(this.chosen) !== this.files.get(this.chosen)) this.choose(stays ? this.chosen : there[0][0]);
  }

  tab(name, words, at) {
    const made = el("button", { type: "button", role: "tab", id: `tab-${at}`, "aria-controls": "view" }, words);
    made.dataset.name = name;
    made.addEventListener("click", () => this.choose(name));
    return made;
  }

  // Arrow keys move among the tabs, as they do in every tab list.
  step(event) {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!move) return;
    const tabs = [...this.tabs.children], at = tabs.findIndex((tab) => tab.dataset.name === this.chosen);
    const next = tabs[(at + move + tabs.length) % tabs.length];
    this.choose(next.dataset.name);
    next.focus();
  }

  async choose(name) {
    this.chosen = name;
    for (const tab of this.tabs.children) {
      const chosen = tab.dataset.name === name;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      if (chosen) this.panel.setAttribute("aria-labelledby", tab.id);
    }
    say(this.note, "Loading …");
    try {
      const content = await this.gateway.file(this.design, name);
      if (this.chosen !== name || this.closed) return;
      say(this.note, "");
      this.solid.hidden = name !== MODEL;
      this.picture.hidden = name === MODEL;
      if (name === MODEL) await this.draw(await content.arrayBuffer());
      else this.paint(name, content);
    } catch (error) {
      if (this.chosen === name) say(this.note, plain(error.message));
    }
  }

  async draw(content) {
    try {
      this.viewer ??= new Viewer(this.canvas);
      this.viewer.show(content);
    } catch (error) {
      this.solid.hidden = true;
      throw error;
    }
  }

  paint(name, content) {
    const address = URL.createObjectURL(new Blob([content], { type: "image/png" }));
    this.addresses.push(address);
    this.picture.src = address;
    this.picture.alt = { "top.png": "The board from above", "bottom.png": "The board from below" }[name] ?? "The board from the side, as KiCad draws it";
  }

  point(event) {
    const name = event.buttons ? null : this.viewer?.nameAt(event.offsetX, event.offsetY);
    const value = this.values.get(name);
    say(this.under, name && name !== "board" ? plain(value ? `${name}  ${value}` : name) : "");
  }

  close() {
    this.closed = true;
    this.viewer?.close();
    this.addresses.forEach((address) => URL.revokeObjectURL(address));
  }
}
