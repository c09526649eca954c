// The series of a study, with a small picture each that comes when it comes into sight.

import type { Source } from "./dicomweb";
import { make } from "./dom";
import type { SeriesRow } from "./kinds";
import type { Say } from "./words";

/** A list of buttons, one for each series with pictures; other files are counted or, for providers, named. */
export class SeriesList {
  readonly element = make("nav", { class: "viewer-series" });
  private readonly buttons = new Map<string, HTMLButtonElement>();
  private readonly awaited = new Map<Element, SeriesRow>();
  private readonly seen = new IntersectionObserver((found) => this.fetchSeen(found), { rootMargin: "200px" });
  private queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly source: Source,
    rows: readonly SeriesRow[],
    private readonly say: Say,
    choose: (row: SeriesRow) => void,
    namesTechnical: boolean,
  ) {
    this.element.setAttribute("aria-label", say("viewer.series"));
    const list = make("ul", {});
    this.element.append(make("h2", {}, say("viewer.series")), list);
    for (const row of rows.filter(({ isPicture }) => isPicture || namesTechnical)) {
      list.append(make("li", {}, this.entry(row, () => choose(row))));
    }
    const technical = rows.filter(({ isPicture }) => !isPicture).length;
    if (technical && !namesTechnical) {
      this.element.append(make("p", { class: "viewer-quiet" }, say("viewer.technical", { n: technical })));
    }
  }

  /** Mark the one that is open. */
  mark(uid: string): void {
    for (const [series, button] of this.buttons) button.setAttribute("aria-pressed", String(series === uid));
  }

  /** Begin to fetch small pictures: after the first large one is there. */
  begin(): void {
    for (const holder of this.awaited.keys()) this.seen.observe(holder);
  }

  private entry(row: SeriesRow, act: () => void): HTMLButtonElement {
    const name = this.say("viewer.series_name", { number: row.number });
    const holder = make("span", { class: "viewer-thumbnail" });
    const made = make(
      "button",
      { type: "button", "aria-pressed": "false" },
      holder,
      make(
        "span",
        { class: "viewer-series-text" },
        make("strong", {}, row.isPicture ? name : `${name} (${row.modality})`),
        ...(row.description ? [make("span", { dir: "auto" }, row.description)] : []),
        // One file may hold many pictures: how many is known when it is open.
        ...(row.count > 1 ? [make("span", { class: "viewer-quiet" }, this.say("viewer.pictures", { n: row.count }))] : []),
      ),
    );
    made.addEventListener("click", act);
    this.buttons.set(row.uid, made);
    if (row.isPicture) this.awaited.set(holder, row);
    return made;
  }

  private fetchSeen(found: readonly IntersectionObserverEntry[]): void {
    for (const { isIntersecting, target } of found) {
      const row = this.awaited.get(target);
      if (!isIntersecting || !row) continue;
      this.awaited.delete(target);
      this.seen.unobserve(target);
      // One after the other: the pictures that one looks at go first.
      this.queue = this.queue.then(() => this.fetch(target, row));
    }
  }

  private async fetch(holder: Element, row: SeriesRow): Promise<void> {
    try {
      const address = URL.createObjectURL(await this.source.blob(`/series/${row.uid}/thumbnail`, "image/jpeg"));
      const image = make("img", { src: address, alt: "", width: 96, height: 96 });
      image.addEventListener("load", () => URL.revokeObjectURL(address));
      holder.append(image);
    } catch {
      // A series without a small picture is named by its text.
    }
  }
}
