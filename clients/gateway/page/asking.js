// The box in which somebody says what board they need; what is typed outlives a reload.

import { say } from "./dom.js";

const DRAFT = "mas.draft.brief";

export class Asking {
  constructor(form, sending) {
    Object.assign(this, { form, sending, box: form.querySelector("textarea"), button: form.querySelector("button") });
    this.trouble = form.querySelector(".trouble");
    this.box.value = sessionStorage.getItem(DRAFT) ?? "";
    this.box.addEventListener("input", () => sessionStorage.setItem(DRAFT, this.box.value));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.box.value.trim()) this.send(this.box.value);
    });
    this.show();
  }

  send(brief) {
    say(this.trouble, "");
    this.empty();
    this.sending.add(brief);
    this.show();
  }

  empty() {
    this.box.value = "";
    sessionStorage.removeItem(DRAFT);
  }

  // A brief that was refused goes back to the box, if nothing else is in it.
  refused(brief, reason) {
    say(this.trouble, reason);
    if (!this.box.value) this.box.value = brief;
  }

  // While a brief is on its way there is no second one.
  show() {
    const waits = this.sending.waiting.some((message) => message.design === null);
    this.button.disabled = waits;
    say(this.button, waits ? "Being sent …" : "Design it");
  }
}
