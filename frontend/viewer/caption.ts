// What stands around a picture: its heading, letters and line over it, the same in words, and what is wrong.

import type { Attributes } from "./attributes";
import { make } from "./dom";
import type { SeriesRow } from "./kinds";
import { Overlay, sidesInWords } from "./overlay";
import type { Picture } from "./picture";
import { scaleLine } from "./scale";
import { seriesName } from "./sentence";
import type { StudySetting } from "./settings";
import { box, type Ways } from "./trouble";
import type { Say, State, StateText } from "./words";

/** The words around one picture. */
export class Caption {
  readonly heading = make("p", { class: "viewer-heading", dir: "auto" });
  readonly frame = make("div", { class: "viewer-frame" });
  readonly sides = make("p", { class: "viewer-sides" });
  private readonly overlay = new Overlay();
  private trouble: HTMLElement | undefined;

  constructor(
    private readonly say: Say,
    private readonly language: string,
    private readonly surface: HTMLElement,
  ) {
    this.frame.append(surface, this.overlay.element);
  }

  /** Name the study and the series. */
  label(study: StudySetting, row: SeriesRow): void {
    const { title, date, hospital } = study;
    this.heading.textContent = [title, date, hospital, seriesName(row, this.say)].filter(Boolean).join(" · ");
    this.surface.setAttribute("aria-label", this.say("viewer.picture_of", { title, date }));
  }

  /** Which state is being said, if any. */
  get state(): State | undefined {
    return this.trouble?.dataset["state"] as State | undefined;
  }

  /** The state in one line, for those who listen. */
  get spoken(): string {
    return Array.from(this.trouble?.querySelectorAll("p") ?? [], (part) => part.textContent).join(" ");
  }

  /** A few words in the corner of the picture. */
  plate(text: string): void {
    this.overlay.say(text);
  }

  /** Say what is wrong below the picture. What was drawn stays, unless it is not what was asked for. */
  complain(name: State, text: StateText, ways: Ways, hides: boolean): void {
    this.settle();
    this.plate("");
    this.trouble = box(name, text, ways);
    this.frame.classList.toggle("is-troubled", hides);
    this.frame.after(this.trouble);
  }

  /** Nothing is wrong any more. */
  settle(): void {
    this.trouble?.remove();
    this.trouble = undefined;
    this.frame.classList.remove("is-troubled");
  }

  /** Nothing is drawn yet: no letters, no line. */
  clear(): void {
    this.settle();
    this.overlay.sides(undefined);
    this.overlay.scale(undefined);
    this.sides.textContent = "";
  }

  /** Letters and line for what is drawn, and both in words below. */
  describe(picture: Picture, header: Attributes): void {
    const edges = picture.sides(header);
    const scale = scaleLine(picture.millimetres(header) ?? NaN, this.surface.clientWidth / 3, this.language);
    this.overlay.sides(edges);
    this.overlay.scale(scale);
    const line = scale ? this.say("viewer.scale", { length: scale.label }) : "";
    const text = [sidesInWords(edges, this.say), line].filter(Boolean).join(" ");
    if (this.sides.textContent !== text) this.sides.textContent = text;
  }
}
