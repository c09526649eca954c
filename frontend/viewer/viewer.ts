// The parts of the viewer on their page. No measuring: that invites diagnosis on this screen.

import { Announcer } from "./announcer";
import { Comparing } from "./comparing";
import { Source } from "./dicomweb";
import { make } from "./dom";
import * as engine from "./engine";
import type { Drag } from "./gestures";
import { guide } from "./guide";
import type { House } from "./house";
import { firstToShow, seriesRows, type SeriesRow } from "./kinds";
import { memoryBudget } from "./outward";
import { Pane } from "./pane";
import { Reports } from "./reports";
import { SeriesList } from "./serieslist";
import type { StudySetting, ViewerSettings } from "./settings";
import { Toolbar } from "./toolbar";
import { stateOf } from "./trouble";
import { speaker } from "./words";

/** The viewer on its page. */
export class Viewer {
  private readonly announcer = new Announcer();
  private readonly stage = make("div", { class: "viewer-stage" });
  private readonly words;
  private readonly toolbar: Toolbar;
  private readonly comparing: Comparing;
  private readonly list: SeriesList;
  private readonly house: House;
  private readonly panes: Pane[] = [];
  private active = 0;
  private drag: Drag;

  constructor(
    private readonly root: HTMLElement,
    private readonly settings: ViewerSettings,
    private readonly source: Source,
    private readonly rows: readonly SeriesRow[],
  ) {
    this.words = speaker(settings.words);
    const { say, state } = this.words;
    const isProvider = settings.audience === "provider";
    this.drag = isProvider ? "window" : "scroll";
    const budget = memoryBudget((navigator as { deviceMemory?: number }).deviceMemory);
    engine.startEngine(budget * 1.25);
    this.house = {
      say,
      state,
      language: settings.language,
      back: settings.back,
      budget: () => budget / 2,
      drag: () => this.drag,
      chosen: (pane) => this.choose(pane),
      moved: (pane, before, now) => this.comparing.moved(pane, before, now),
      changed: (pane) => this.changed(pane),
    };
    this.list = new SeriesList(source, rows, say, (row) => void this.open(row), isProvider);
    this.toolbar = new Toolbar(say, () => this.panes[this.active]!, this.drag, (drag) => (this.drag = drag));
    this.comparing = new Comparing(say, settings.studies.slice(1), (study) => void this.compare(study));
  }

  /** Put everything on the page and open the first series. */
  async begin(): Promise<void> {
    const { say } = this.words;
    const side = make("div", { class: "viewer-side" }, this.comparing.element, new Reports(this.source, say).element);
    this.root.replaceChildren(
      make(
        "div",
        { class: `viewer viewer-${this.settings.audience}` },
        make("p", { class: "viewer-notice" }, this.settings.notForDiagnosis),
        make("div", { class: "viewer-middle" }, this.stage, this.toolbar.element, this.announcer.element),
        this.list.element,
        side,
        guide(say),
      ),
    );
    const pane = this.add(this.source);
    new ResizeObserver(() => engine.resizeViewports()).observe(this.stage);
    const first = firstToShow(this.rows);
    if (first) await this.open(first);
    else pane.complain("viewer_not_image");
    this.root.dataset["state"] = "shown";
    engine.leaveNoTrace();
    this.list.begin();
  }

  private async open(row: SeriesRow): Promise<void> {
    this.list.mark(row.uid);
    await this.panes[0]!.open(row);
  }

  private async compare(study: StudySetting | undefined): Promise<void> {
    this.panes.splice(1).forEach((pane) => pane.close());
    this.choose(this.panes[0]!);
    this.comparing.compare(undefined);
    this.stage.classList.toggle("is-double", study !== undefined);
    engine.resizeViewports();
    if (!study) return;
    const source = new Source(study, this.source.tokens);
    const pane = this.add(source);
    try {
      const rows = seriesRows(await source.list("/series"));
      const first = firstToShow(rows);
      if (first) await pane.open(first);
      else pane.complain("viewer_not_image");
      if (this.panes[1] === pane) this.comparing.compare([this.panes[0]!, pane], rows);
    } catch (error) {
      pane.complain(stateOf(error), () => void this.compare(study));
    }
  }

  private add(source: Source): Pane {
    engine.register(source);
    const pane = new Pane(`pane-${this.panes.length}`, source, this.house);
    this.panes.push(pane);
    this.stage.append(pane.element);
    engine.resizeViewports();
    this.choose(this.panes[0]!);
    return pane;
  }

  private choose(pane: Pane): void {
    this.active = Math.max(0, this.panes.indexOf(pane));
    for (const one of this.panes) one.element.classList.toggle("is-active", this.panes.length > 1 && one === pane);
    this.changed(pane);
  }

  private changed(pane: Pane): void {
    if (this.panes[this.active] !== pane) return;
    this.toolbar.refresh();
    this.announcer.say(pane.description);
  }
}
