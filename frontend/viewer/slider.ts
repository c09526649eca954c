// The way through a series: a slider, and a button on each side of it.

import { button, make } from "./dom";
import type { Say } from "./words";

/** A slider over the frames of a series; hidden when there is one frame only. */
export class Slider {
  readonly element: HTMLElement;
  private readonly range = make("input", { type: "range", min: 0, max: 0, step: 1, value: 0 });

  constructor(
    private readonly say: Say,
    private readonly go: (at: number) => void,
  ) {
    const arrow = (sign: string, label: string, step: number): HTMLButtonElement => {
      const made = button(sign, () => this.go(this.at + step), { "aria-label": label, class: "viewer-arrow" });
      return made;
    };
    this.range.setAttribute("aria-label", say("viewer.slider"));
    this.range.addEventListener("input", () => this.go(Number(this.range.value)));
    this.element = make(
      "div",
      { class: "viewer-slider", dir: "ltr", hidden: true },
      arrow("‹", say("viewer.previous"), -1),
      this.range,
      arrow("›", say("viewer.next"), 1),
    );
  }

  /** How many frames there are. */
  set count(count: number) {
    this.range.max = String(Math.max(0, count - 1));
    this.element.hidden = count < 2;
    this.at = 0;
  }

  /** The frame that is chosen, from 0. */
  get at(): number {
    return Number(this.range.value);
  }

  set at(at: number) {
    this.range.value = String(at);
    const total = Number(this.range.max) + 1;
    this.range.setAttribute("aria-valuetext", this.say("viewer.position", { n: at + 1, total }));
  }
}
