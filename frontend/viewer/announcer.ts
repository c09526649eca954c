// What is shown, said to those who do not see it: politely, and never more than once a second.

import { make } from "./dom";

const PAUSE_MS = 1000;

/** A region that screen readers read when its text changes. */
export class Announcer {
  readonly element = make("p", { class: "viewer-spoken", "aria-live": "polite", role: "status" });
  private timer = 0;
  private next = "";
  private last = 0;

  /** Say it as soon as the last one is a second old; what comes in between is replaced by what comes after. */
  say(text: string): void {
    this.next = text;
    if (this.timer) return;
    this.timer = window.setTimeout(() => this.speak(), Math.max(0, this.last + PAUSE_MS - performance.now()));
  }

  private speak(): void {
    this.timer = 0;
    this.last = performance.now();
    if (this.element.textContent !== this.next) this.element.textContent = this.next;
  }
}
