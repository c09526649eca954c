// An earlier study beside the one that is looked at, and going through both together.

import { choice, make } from "./dom";
import type { SeriesRow } from "./kinds";
import { follow, linkOf } from "./linking";
import type { Pane } from "./pane";
import type { StudySetting } from "./settings";
import type { Say } from "./words";

/** The choice of a study and a series to compare with. */
export class Comparing {
  readonly element = make("div", { class: "viewer-compare" });
  private readonly series;
  private readonly linked = make("input", { type: "checkbox" });
  private readonly how = make("p", { class: "viewer-quiet" });
  private readonly link = make("div", { hidden: true });
  private rows: readonly SeriesRow[] = [];
  private panes: readonly [Pane, Pane] | undefined;
  private isFollowing = false;

  constructor(
    private readonly say: Say,
    studies: readonly StudySetting[],
    choose: (study: StudySetting | undefined) => void,
  ) {
    const options = studies.map((study, at) => [String(at), `${study.title}, ${study.date}`] as const);
    const all = [["", say("viewer.compare_none")] as const, ...options];
    const study = choice(say("viewer.compare"), all, (at) => choose(at === "" ? undefined : studies[Number(at)]));
    this.series = choice(say("viewer.series"), [], (uid) => this.open(uid));
    this.linked.addEventListener("change", () => this.explain());
    this.link.append(
      this.series.field,
      make("label", { class: "viewer-check" }, this.linked, make("span", {}, say("viewer.linked"))),
      this.how,
    );
    this.element.append(study.field, this.link);
    this.element.hidden = !studies.length;
  }

  /** Two panes lie beside each other now, or one lies alone. */
  compare(panes: readonly [Pane, Pane] | undefined, rows: readonly SeriesRow[] = []): void {
    this.panes = panes;
    this.rows = rows.filter(({ isPicture }) => isPicture);
    this.link.hidden = !panes;
    this.linked.checked = false;
    this.how.textContent = "";
    const { list } = this.series;
    list.replaceChildren(...this.rows.map((row) => new Option(row.description || row.number, row.uid)));
    if (panes?.[1].row) list.value = panes[1].row.uid;
  }

  /** One pane moved: the other follows when they are linked. */
  moved(pane: Pane, before: number, now: number): void {
    if (!this.panes || !this.linked.checked || this.isFollowing) return;
    const other = this.panes[0] === pane ? this.panes[1] : this.panes[0];
    if (!other.frames.length) return;
    this.isFollowing = true;
    other.go(follow({ places: places(pane), before, now }, { places: places(other), at: other.wanted }), true);
    this.isFollowing = false;
  }

  private open(uid: string): void {
    const row = this.rows.find((one) => one.uid === uid);
    if (row) void this.panes?.[1].open(row).then(() => this.explain());
  }

  private explain(): void {
    if (!this.panes || !this.linked.checked) return void (this.how.textContent = "");
    const link = linkOf(places(this.panes[0]), places(this.panes[1]));
    this.how.textContent = this.say(link === "place" ? "viewer.link_by_place" : "viewer.link_by_count");
  }
}

function places(pane: Pane): (number | undefined)[] {
  return pane.frames.map(({ place }) => place);
}
