// The talk about a design: what was said, an answer box, and buttons for what may be done now.

import { el, say } from "./dom.js";
import { ACTIONS, clock, plain, SENDERS } from "./words.js";

const SAYS = { approve: "Yes, build it.", default: "yes" }; // what a press means in words
const DRAFT = "mas.draft.";

export class Talk {
  // `act(name)` carries out pause, resume and cancel.
  constructor(design, sending, act) {
    Object.assign(this, { design, sending, act, last: 0, shown: new Set() });
    this.list = el("ol", { className: "talk", "aria-live": "polite", "aria-label": "What was said" });
    this.leaving = el("ol", { className: "talk leaving" });
    this.trouble = el("p", { className: "trouble", role: "alert" });
    this.buttons = el("div", { className: "buttons" });
    this.box = el("textarea", { id: "answer", rows: 2, required: true, maxLength: 60000 });
    this.label = el("label", { for: "answer" }, "Answer");
    this.form = el("form", { className: "answer" }, this.label, this.box, el("button", {}, "Send"));
    this.root = el("section", { className: "card conversation", "aria-labelledby": "talk-title" },
      el("h2", { id: "talk-title" }, "Talk"), this.list, this.leaving, this.buttons, this.form, this.trouble);
    this.box.value = sessionStorage.getItem(DRAFT + design) ?? "";
    this.box.addEventListener("input", () => sessionStorage.setItem(DRAFT + design, this.box.value));
    this.box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || matchMedia("(pointer: coarse)").matches) return;
      event.preventDefault();
      this.form.requestSubmit();
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.box.value.trim()) this.send(this.box.value, true);
    });
    this.atEnd = true; // the newest words stay in sight, unless somebody reads further up
    let before = 0;
    this.list.addEventListener("scroll", () => {
      const { scrollTop: top, scrollHeight, clientHeight } = this.list;
      if (top < before || scrollHeight - top - clientHeight < 40) this.atEnd = scrollHeight - top - clientHeight < 40;
      before = top;
    });
    new ResizeObserver(() => this.toEnd()).observe(this.list);
    this.showLeaving();
  }

  toEnd() {
    if (this.atEnd) this.list.scrollTop = this.list.scrollHeight;
  }

  send(text, typed = false) {
    say(this.trouble, "");
    if (typed) this.keepDraft("");
    this.sending.add(text, this.design);
    this.showLeaving();
  }

  keepDraft(text) {
    this.box.value = text;
    if (text) sessionStorage.setItem(DRAFT + this.design, text);
    else sessionStorage.removeItem(DRAFT + this.design);
  }

  // Append what is new, in the order of the database; nothing is shown twice.
  add(messages) {
    for (const message of messages) {
      if (this.shown.has(message.message_id)) continue;
      this.shown.add(message.message_id);
      this.last = Math.max(this.last, message.message_id);
      this.list.append(bubble(message.sender, message.text, clock(message.sent_at)));
    }
    if (messages.length) this.toEnd();
  }

  // What has not arrived yet stands below, and no button is offered until it has.
  showLeaving() {
    const mine = this.sending.waiting.filter((message) => message.design === this.design);
    this.leaving.replaceChildren(...mine.map((message) => bubble("user", message.text, "being sent …")));
    this.buttons.inert = mine.length > 0;
  }

  // A message was refused: its words go back to the box, if nothing else is in it.
  refused(text, error) {
    say(this.trouble, plain(error.message));
    if (!this.box.value && !Object.values(SAYS).includes(text)) this.keepDraft(text);
  }

  offer(status) {
    const actions = status.actions ?? [];
    const names = actions.filter((name) => name in ACTIONS);
    if (this.offered !== names.join()) {
      this.offered = names.join();
      this.buttons.replaceChildren(...names.map((name) => this.button(name)));
    }
    this.form.hidden = !actions.includes("say");
    say(this.label, status.state === "awaiting_user" ? "Your answer" : "Say something about it");
    this.root.classList.toggle("asks", status.state === "awaiting_user");
  }

  button(name) {
    const made = el("button", { type: "button", className: name === "approve" || name === "default" ? "chief" : name }, ACTIONS[name]);
    made.addEventListener("click", () => {
      if (SAYS[name]) this.send(SAYS[name]);
      else if (name === "change") this.askForChange();
      else if (name === "cancel" && !made.dataset.sure) confirmFirst(made);
      else this.act(name);
    });
    return made;
  }

  askForChange() {
    say(this.label, "What should be different?");
    this.box.focus();
  }
}

// The first press asks, the second one does it; looking away takes the question back.
function confirmFirst(button) {
  button.dataset.sure = "asked";
  button.textContent = "Really cancel?";
  button.addEventListener("blur", () => {
    delete button.dataset.sure;
    button.textContent = ACTIONS.cancel;
  }, { once: true });
}

function bubble(sender, text, when) {
  return el("li", { className: sender === "user" ? "mine" : "theirs" },
    el("p", { className: "who" }, SENDERS[sender] ?? plain(sender), " ", el("span", { className: "when" }, when)),
    el("p", { className: "words word" }, plain(text)));
}
