// The buttons: what a drag does, the window, and a button for everything that a drag can do.

import { wantsCalm } from "./cine";
import { button, choice, make } from "./dom";
import type { Drag } from "./gestures";
import type { Pane } from "./pane";
import { presetsFor } from "./presets";
import type { Key, Say } from "./words";

const DRAGS: readonly Drag[] = ["scroll", "window", "zoom", "pan"];
const STEP_PX = 40;
const NUDGE = 0.1;

/** Buttons that work on one pane: the one that was touched last. */
export class Toolbar {
  readonly element = make("div", { class: "viewer-tools" });
  private readonly windows;
  private readonly play: HTMLButtonElement;
  private readonly film = make("div", { class: "viewer-group", role: "group" });
  private readonly speed = make("input", { type: "number", min: 1, max: 25, inputmode: "numeric" });

  constructor(
    private readonly say: Say,
    private readonly pane: () => Pane,
    drag: Drag,
    setDrag: (drag: Drag) => void,
  ) {
    this.windows = choice(say("viewer.window"), [], (name) => pane().preset(name as Key));
    const dragged = choice(say("viewer.drag"), DRAGS.map((one) => [one, say(`viewer.drag_${one}`)] as const), (one) =>
      setDrag(one as Drag),
    );
    dragged.list.value = drag;
    this.play = button(say("viewer.play"), () => pane().cine.toggle());
    this.speed.addEventListener("change", () => {
      pane().cine.speed = Number(this.speed.value) || 1;
      this.refresh();
    });
    this.film.append(this.play, make("label", { class: "viewer-choice" }, make("span", {}, say("viewer.speed")), this.speed));
    if (wantsCalm()) this.film.append(make("p", { class: "viewer-quiet" }, say("viewer.motion")));
    const more = make("details", { class: "viewer-more" }, make("summary", {}, say("viewer.more")));
    more.append(make("div", { class: "viewer-group" }, dragged.field), this.light(), this.place());
    this.element.append(this.film, this.size(), make("div", { class: "viewer-group" }, this.windows.field), more);
  }

  /** Show what holds for the pane. */
  refresh(): void {
    const pane = this.pane();
    const offered = presetsFor(pane.row?.modality ?? "").map(({ name }) => name);
    const shown: Key[] = pane.window === "viewer.window_own" ? [...offered, pane.window] : offered;
    const { list, field } = this.windows;
    if (Array.from(list.options, ({ value }) => value).join() !== shown.join()) {
      list.replaceChildren(...shown.map((name) => make("option", { value: name }, this.say(name))));
    }
    list.value = pane.window;
    field.parentElement!.hidden = offered.length < 2;
    this.film.hidden = !pane.isFilm;
    this.play.textContent = this.say(pane.cine.isPlaying ? "viewer.stop" : "viewer.play");
    if (document.activeElement !== this.speed) this.speed.value = String(pane.cine.speed);
  }

  private size(): HTMLElement {
    return this.group(undefined, [
      ["viewer.larger", (pane) => pane.handled().zoom(1.25)],
      ["viewer.smaller", (pane) => pane.handled().zoom(0.8)],
      ["viewer.rotate", (pane) => pane.keyed().turn()],
      ["viewer.reset", (pane) => pane.keyed().reset()],
    ]);
  }

  private light(): HTMLElement {
    return this.group("viewer.light", [
      ["viewer.lighter", (pane) => pane.handled().adjust(NUDGE, 0)],
      ["viewer.darker", (pane) => pane.handled().adjust(-NUDGE, 0)],
      ["viewer.more_contrast", (pane) => pane.handled().adjust(0, NUDGE)],
      ["viewer.less_contrast", (pane) => pane.handled().adjust(0, -NUDGE)],
    ]);
  }

  private place(): HTMLElement {
    return this.group("viewer.place", [
      ["viewer.left", (pane) => pane.handled().pan(-STEP_PX, 0)],
      ["viewer.right", (pane) => pane.handled().pan(STEP_PX, 0)],
      ["viewer.up", (pane) => pane.handled().pan(0, -STEP_PX)],
      ["viewer.down", (pane) => pane.handled().pan(0, STEP_PX)],
    ]);
  }

  private group(label: Key | undefined, buttons: readonly (readonly [Key, (pane: Pane) => void])[]): HTMLElement {
    const made = make("div", { class: "viewer-group", role: "group", "aria-label": label && this.say(label) });
    made.append(...buttons.map(([name, act]) => button(this.say(name), () => act(this.pane()))));
    return made;
  }
}
