// Letters, a line for size and a plate over the picture; all of it is said in text below as well.

import { make } from "./dom";
import type { Edges } from "./orientation";
import type { Scale } from "./scale";
import type { Key, Say } from "./words";

const SIDES = ["top", "right", "bottom", "left"] as const;

/** What lies over one picture. */
export class Overlay {
  readonly element = make("div", { class: "viewer-overlay", "aria-hidden": "true" });
  private readonly letters = new Map(SIDES.map((side) => [side, make("span", { class: `viewer-side-${side}` })]));
  private readonly line = make("span", { class: "viewer-scale" });
  private readonly plate = make("span", { class: "viewer-plate" });

  constructor() {
    this.element.append(...this.letters.values(), this.line, this.plate);
  }

  /** Show the letters; none when the file does not say which side is which. */
  sides(edges: Edges | undefined): void {
    for (const [side, letter] of this.letters) setText(letter, edges?.[side] ?? "");
  }

  /** Show the line of a round length. */
  scale(found: Scale | undefined): void {
    this.line.hidden = !found;
    if (!found) return;
    setText(this.line, found.label);
    this.line.style.width = `${Math.round(found.pixels)}px`;
  }

  /** Show a few words in the corner. */
  say(text: string): void {
    this.plate.hidden = !text;
    setText(this.plate, text);
  }
}

/** The letters in words, each once: what is read by those who do not know them. */
export function sidesInWords(edges: Edges | undefined, say: Say): string {
  const letters = new Set(Object.values(edges ?? {}).join(""));
  const known = ["L", "R", "A", "P", "H", "F"].filter((letter) => letters.has(letter));
  if (!known.length) return "";
  return say("viewer.sides", { letters: known.map((letter) => say(`viewer.side_${letter}` as Key)).join(", ") });
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
