// One place where a series is looked at: its picture, the way through it, and what is said of it.

import { Caption } from "./caption";
import { Cine, calm } from "./cine";
import type { Source } from "./dicomweb";
import { make } from "./dom";
import { closeViewport, nameFrame, openViewport } from "./engine";
import { Fetcher } from "./fetcher";
import { bytesOf, framesOf, type Frame } from "./frames";
import { listen } from "./gestures";
import { listenToKeys } from "./keys";
import type { House } from "./house";
import { filmRate, isPlayed, type SeriesRow } from "./kinds";
import { picturesThatFit } from "./outward";
import { Picture } from "./picture";
import { PRESETS, presetsFor, rangeOf } from "./presets";
import { Slider } from "./slider";
import { sentence } from "./sentence";
import { stateOf, waysOut } from "./trouble";
import type { Key, State } from "./words";

const SLOW_MS = 4000;

/** A pane; `name` tells them apart for the drawing engine. */
export class Pane {
  readonly element = make("section", { class: "viewer-pane" });
  frames: Frame[] = [];
  row: SeriesRow | undefined;
  window: Key = "viewer.window_file";
  /** The frame that is drawn, and the one that was asked for. */
  shown = -1;
  wanted = 0;
  readonly cine: Cine;
  private readonly surface = make("div", { class: "viewer-picture", tabindex: 0, role: "group" });
  private readonly caption: Caption;
  private readonly slider: Slider;
  private readonly picture: Picture;
  private fetcher: Fetcher | undefined;
  private isDrawing = false;
  private opened = 0;

  constructor(
    readonly name: string,
    readonly source: Source,
    private readonly house: House,
  ) {
    this.slider = new Slider(house.say, (at) => this.go(at));
    this.cine = new Cine(10, () => this.go((this.wanted + 1) % this.frames.length, true), () => house.changed(this));
    this.caption = new Caption(house.say, house.language, this.surface);
    const { heading, frame, sides } = this.caption;
    this.element.append(heading, frame, this.slider.element, sides);
    this.picture = new Picture(openViewport(name, this.surface), this.surface, () => this.describe());
    listen(this.surface, this.handled(), house.drag);
    listenToKeys(this.surface, { ...this.handled(), ...this.keyed() });
    this.surface.addEventListener("focus", () => house.chosen(this));
  }

  /** Show a series from its first frame. What goes wrong is said in the pane; nothing is thrown. */
  async open(row: SeriesRow): Promise<void> {
    const opened = (this.opened += 1);
    this.closeSeries();
    this.row = row;
    this.caption.label(this.source.study, row);
    this.caption.plate(this.house.say("viewer.opening"));
    try {
      await this.begin(row, opened);
    } catch (error) {
      if (opened === this.opened) this.complain(stateOf(error), () => void this.open(row));
    }
    this.house.changed(this);
  }

  private async begin(row: SeriesRow, opened: number): Promise<void> {
    const headers = await this.source.list(`/series/${row.uid}/metadata`);
    if (opened !== this.opened) return;
    this.frames = framesOf(this.source, row.uid, headers, nameFrame);
    const first = this.frames[0];
    if (!first) return this.complain("viewer_not_image");
    const room = picturesThatFit(this.house.budget(), bytesOf(first.header));
    this.fetcher = new Fetcher(this.frames.map(({ imageId }) => imageId), room);
    this.cine.speed = calm(filmRate(first.header));
    this.slider.count = this.frames.length;
    await this.fetched(0);
    if (opened !== this.opened) return;
    await this.picture.open(this.frames.map(({ imageId }) => imageId), 0);
    this.shown = 0;
    this.fetcher.look(0);
    this.describe();
  }

  /** Go to a frame, as soon as it is here. `isPlayed`: the film goes on, and others follow. */
  go(at: number, isPlayed = false): void {
    const last = this.frames.length - 1;
    const now = Math.min(last, Math.max(0, at));
    if (!isPlayed) this.cine.stop();
    if (last < 0 || now === this.wanted) return;
    const before = this.wanted;
    this.wanted = now;
    this.slider.at = now;
    this.fetcher?.look(now);
    this.house.moved(this, before, now);
    void this.draw();
  }

  /** Draws what is wanted, one after the other; what was passed meanwhile is left out. */
  private async draw(): Promise<void> {
    if (this.isDrawing) return;
    this.isDrawing = true;
    const opened = this.opened;
    try {
      while (this.wanted !== this.shown && opened === this.opened) await this.drawOne(this.wanted, opened);
    } finally {
      this.isDrawing = false;
    }
  }

  private async drawOne(at: number, opened: number): Promise<void> {
    try {
      await this.fetched(at);
      if (at !== this.wanted || opened !== this.opened) return;
      await this.picture.show(at);
      this.shown = at;
      this.caption.settle();
    } catch (error) {
      if (at !== this.wanted || opened !== this.opened) return;
      this.shown = at;
      this.complain(stateOf(error), () => this.again(at));
    }
    this.describe();
  }

  private async fetched(at: number): Promise<void> {
    if (this.fetcher?.has(at)) return;
    this.caption.plate(this.house.say("viewer.fetching", { n: at + 1 }));
    const slow = window.setTimeout(() => this.complain("viewer_loading_slow"), SLOW_MS);
    try {
      await this.fetcher?.need(at);
    } finally {
      clearTimeout(slow);
    }
    if (this.caption.state === "viewer_loading_slow") this.caption.settle();
  }

  private again(at: number): void {
    this.caption.settle();
    this.fetcher?.again();
    this.shown = -1;
    this.wanted = at;
    void this.draw();
    this.surface.focus();
  }

  /** The buttons, keys and gestures that change how the picture looks. */
  handled() {
    return {
      scroll: (steps: number) => this.go(this.wanted + steps),
      zoom: (factor: number) => this.drawn(() => this.picture.zoom(factor)),
      pan: (right: number, down: number) => this.drawn(() => this.picture.pan(right, down)),
      adjust: (light: number, contrast: number) => {
        this.window = "viewer.window_own";
        this.drawn(() => this.picture.adjust(light, contrast));
        this.house.changed(this);
      },
      chosen: () => this.house.chosen(this),
    };
  }

  /** What has no gesture. */
  keyed() {
    return {
      first: () => this.go(0),
      last: () => this.go(this.frames.length - 1),
      preset: (at: number) => this.preset(presetsFor(this.row?.modality ?? "")[at]?.name),
      turn: () => this.drawn(() => this.picture.turn()),
      play: () => this.isFilm && this.cine.toggle(),
      reset: () => {
        this.drawn(() => this.picture.reset());
        this.preset("viewer.window_file");
      },
    };
  }

  /** Choose a window by the name of its preset. */
  preset(name: Key | undefined): void {
    const found = PRESETS.find((preset) => preset.name === name);
    if (!found) return;
    this.window = found.name;
    this.drawn(() => this.picture.window(rangeOf(found)));
    this.house.changed(this);
  }

  /** Whether there is something to play: a film, or several frames of one file. */
  get isFilm(): boolean {
    return isPlayed(this.frames, this.row?.modality ?? "");
  }

  /** What is shown, in one sentence or two. */
  get description(): string {
    if (this.caption.state) return this.caption.spoken;
    if (this.shown < 0 || !this.row) return this.house.say("viewer.opening");
    const { percent, turned } = this.picture;
    const drawn = { at: this.shown, total: this.frames.length, window: this.window, percent, turned };
    return sentence(this.source.study, this.row, drawn, this.house.say);
  }

  /** Take the pane away, with all that it holds in memory. */
  close(): void {
    this.opened += 1;
    this.closeSeries();
    closeViewport(this.name);
    this.element.remove();
  }

  private closeSeries(): void {
    this.cine.stop();
    this.fetcher?.close();
    this.caption.clear();
    this.frames = [];
    this.shown = -1;
    this.wanted = 0;
    this.slider.count = 0;
    this.window = "viewer.window_file";
  }

  private drawn(change: () => void): void {
    if (this.shown >= 0 && this.frames.length) change();
  }

  /** Say in the pane what is wrong. */
  complain(name: State, retry?: () => void): void {
    const ways = waysOut(name, this.house.say, this.house.back, retry);
    const text = this.house.state(name, { hospital: this.source.study.hospital, n: this.frames.length });
    // The picture that was there stays, unless the one that is meant is another.
    this.caption.complain(name, text, ways, name === "viewer_unsupported" || name === "viewer_not_image");
    this.house.changed(this);
  }

  private describe(): void {
    const frame = this.frames[this.shown];
    if (!frame || this.caption.state === "viewer_unsupported") return;
    this.caption.describe(this.picture, frame.header);
    const isHere = this.shown === this.wanted;
    this.caption.plate(
      isHere
        ? this.house.say("viewer.position", { n: this.shown + 1, total: this.frames.length })
        : this.house.say("viewer.fetching", { n: this.wanted + 1 }),
    );
    this.house.changed(this);
  }
}
