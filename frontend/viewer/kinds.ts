// Which series hold pictures, and which files for computers or text to read.

import { TAG, number, text, type Attributes } from "./attributes";

const NO_PICTURES = new Set(
  ("SR KO PR SEG REG RWV FID SMR STAIN ASMT CTPROTOCOL XAPROTOCOL PLAN RTINTENT RTSEGANN RTSTRUCT RTPLAN RTDOSE " +
    "RTRECORD RTRAD DOC AU ECG EEG EMG EOG HD EPS RESP HC").split(" "),
);
const FILMS = new Set(["US", "XA", "RF", "IVUS"]);

/** One series of a study, as the list shows it. */
export interface SeriesRow {
  uid: string;
  number: string;
  description: string;
  modality: string;
  count: number;
  isPicture: boolean;
}

/** The rows of a study's series, pictures in the order of their numbers. */
export function seriesRows(found: readonly Attributes[]): SeriesRow[] {
  return found
    .map((row) => ({
      uid: text(row, TAG.series),
      number: text(row, TAG.seriesNumber),
      description: text(row, TAG.seriesDescription),
      modality: text(row, TAG.modality),
      count: number(row, TAG.instancesInSeries) ?? 0,
      isPicture: !NO_PICTURES.has(text(row, TAG.modality)),
    }))
    .sort((one, other) => Number(one.number || 1e9) - Number(other.number || 1e9) || one.uid.localeCompare(other.uid));
}

/** The series to begin with: the first that is more than an overview; none when there are no pictures. */
export function firstToShow(rows: readonly SeriesRow[]): SeriesRow | undefined {
  const pictures = rows.filter((row) => row.isPicture);
  return pictures.find((row) => row.count > 3) ?? pictures[0];
}

/** Whether there is something to play: several frames of one file, or of a kind that is filmed. */
export function isPlayed(frames: readonly { header: Attributes }[], modality: string): boolean {
  const several = new Set(frames.map(({ header }) => header)).size < frames.length;
  return frames.length > 1 && (several || FILMS.has(modality));
}

/** Pictures a second at which a film was made; 10 when it does not say. At most 25: screens and eyes end there. */
export function filmRate(header: Attributes): number {
  const frameTime = number(header, TAG.frameTime);
  const rate = number(header, TAG.recommendedRate) ?? number(header, TAG.cineRate) ?? (frameTime ? 1000 / frameTime : 10);
  return Math.min(25, Math.max(1, Math.round(rate || 10)));
}
