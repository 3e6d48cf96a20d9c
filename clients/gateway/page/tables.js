// What was measured, what it is made of, how it went, and its files.

import { el, fillTable, say } from "./dom.js";
import { clock, kind, plain, SENDERS, size, stage } from "./words.js";

const ORDER = ["spice", "heat", "drc", "copper", "layout", "intent", "fabrication"];
const PACKAGE = "fabrication.zip";

// A card whose table scrolls within itself; `heading` takes the keyboard's focus to it.
function card(name, heading, folded) {
  const table = el("table", {});
  const scroll = el("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": heading }, table);
  const root = folded
    ? el("details", { className: `card ${name}` }, el("summary", {}, heading), scroll)
    : el("section", { className: `card ${name}`, "aria-label": heading }, el("h2", {}, heading), scroll);
  root.hidden = true;
  return { root, table };
}

// What failed first, then what was measured; what passed alike in more than two places stands in one row.
function gathered(checks) {
  const alike = new Map();
  for (const check of checks) {
    const name = `${check.stage} ${check.title} ${check.passed}`;
    alike.set(name, [...(alike.get(name) ?? []), check]);
  }
  const rows = [...alike.values()].flatMap((same) =>
    same.length > 2 && same[0].passed ? [{ ...same[0], place: `${same.length} places`, measured: "each passed" }] : same,
  );
  const rank = (check) => (check.passed ? ORDER.indexOf(check.stage) + 1 || ORDER.length : 0);
  return rows.sort((a, b) => rank(a) - rank(b));
}

export class Tables {
  // `trouble(sentence)` is told when a file does not come.
  constructor(gateway, design, trouble) {
    Object.assign(this, { gateway, design, trouble });
    this.checks = card("checks", "Checks", false);
    this.parts = card("parts", "Bill of materials", true);
    this.history = card("history", "How it went", true);
    this.package = el("button", { type: "button", className: "chief", hidden: true });
    this.package.addEventListener("click", () => this.download(PACKAGE));
    this.list = el("ul", { className: "files" });
    this.files = el("section", { className: "card", "aria-labelledby": "files-title", hidden: true },
      el("h2", { id: "files-title" }, "Files"), this.package, this.list);
  }

  showChecks(checks) {
    const all = checks ?? [], failed = all.filter((check) => !check.passed).length;
    const caption = failed ? `${failed} of ${all.length} checks failed` : `All ${all.length} checks passed`;
    this.checks.root.hidden = !all.length;
    fillTable(this.checks.table, caption, ["Check", "Verdict", "Measured", "Required"], gathered(all).map((check) => [
      el("span", { className: "word" }, plain(check.title), el("small", { className: "kind" }, [kind(check.stage), plain(check.place)].filter(Boolean).join(" · "))),
      el("span", { className: check.passed ? "passed" : "failed" }, check.passed ? "passed" : "failed"),
      plain(check.measured),
      plain(check.required),
    ]));
  }

  showParts(parts) {
    this.parts.root.hidden = !parts.length;
    fillTable(this.parts.table, `${parts.reduce((sum, part) => sum + part.quantity, 0)} parts`, ["References", "Value", "Number", "Footprint"],
      parts.map((part) => [plain(part.refs), plain(part.value), String(part.quantity), plain(part.footprint.replace(/^.*:/, ""))]));
  }

  showHistory(moves) {
    this.history.root.hidden = !moves.length;
    fillTable(this.history.table, `${moves.length} moves`, ["When", "Who", "What", "Then"], moves.map((move) => [
      clock(move.happened_at),
      SENDERS[move.actor] ?? plain(move.actor),
      plain([move.outcome, move.codes].filter(Boolean).join(": ")),
      stage(move.to_state),
    ]));
  }

  showFiles(files) {
    this.files.hidden = !files.length;
    const whole = files.find((file) => file.name === PACKAGE);
    this.package.hidden = !whole;
    if (whole) say(this.package, `Download the package, ${size(whole.bytes)}`);
    const known = files.map((file) => file.sha256 + file.name).join();
    if (this.known === known) return; // a button that has the focus keeps it
    this.known = known;
    this.list.replaceChildren(...files.filter((file) => file !== whole).map((file) => {
      const made = el("button", { type: "button", className: "file" },
        el("span", { className: "word" }, plain(file.name)), el("small", {}, size(file.bytes)));
      made.addEventListener("click", () => this.download(file.name));
      return el("li", {}, made);
    }));
  }

  // A link could not say who asks: the file is fetched, then saved under its own name.
  async download(name) {
    try {
      const content = await this.gateway.file(this.design, name);
      const address = URL.createObjectURL(new Blob([content], { type: "application/octet-stream" }));
      el("a", { href: address, download: `design-${this.design}-${name.replaceAll("/", "-")}` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000); // the browser reads it after the click
    } catch (error) {
      this.trouble(plain(error.message));
    }
  }
}
