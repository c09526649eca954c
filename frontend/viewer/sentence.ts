// What is shown, in a sentence for those who do not see it, and by the names that the hospital gave.

import type { SeriesRow } from "./kinds";
import type { StudySetting } from "./settings";
import type { Key, Say } from "./words";

/** How a picture is drawn at the moment. */
export interface Drawn {
  at: number;
  total: number;
  window: Key;
  percent: number;
  turned: number;
}

/** The number and the description that the hospital gave. */
export function seriesName(row: SeriesRow | undefined, say: Say): string {
  const name = say("viewer.series_name", { number: row?.number ?? "" }).trim();
  return row?.description ? `${name}: ${row.description}` : name;
}

/** Study, series, which picture of how many, and how it is drawn. Nothing of what it holds: that is for doctors. */
export function sentence(study: StudySetting, row: SeriesRow, drawn: Drawn, say: Say): string {
  const { title, date, hospital } = study;
  const shown = say("viewer.shows", {
    title,
    date,
    hospital,
    series: seriesName(row, say),
    n: drawn.at + 1,
    total: drawn.total,
    window: say(drawn.window),
    zoom: drawn.percent,
  });
  return drawn.turned ? `${shown} ${say("viewer.shows_turned", { n: drawn.turned })}` : shown;
}
