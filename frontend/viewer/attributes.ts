// Reading values out of the DICOM JSON model. Source: DICOM PS3.18 Annex F.

export interface Element {
  vr: string;
  Value?: unknown[];
  BulkDataURI?: string;
  InlineBinary?: string;
}

/** The header of an instance, or a row of a search: elements by their tag in eight hexadecimal digits. */
export type Attributes = Record<string, Element | undefined>;

export const TAG = {
  sopClass: "00080016",
  sop: "00080018",
  modality: "00080060",
  seriesDescription: "0008103E",
  sliceThickness: "00180050",
  cineRate: "00180040",
  frameTime: "00181063",
  recommendedRate: "00082144",
  series: "0020000E",
  seriesNumber: "00200011",
  instanceNumber: "00200013",
  position: "00200032",
  orientation: "00200037",
  frameOfReference: "00200052",
  laterality: "00200060",
  instancesInSeries: "00201209",
  frames: "00280008",
  rows: "00280010",
  columns: "00280011",
  samples: "00280002",
  bits: "00280100",
} as const;

/** The first value as text; empty when there is none. Names are given by their alphabetic form. */
export function text(from: Attributes, tag: string): string {
  const value = from[tag]?.Value?.[0];
  if (value === undefined || value === null) return "";
  if (typeof value === "object") return String((value as { Alphabetic?: string }).Alphabetic ?? "");
  return String(value).trim();
}

/** The first value as a number. */
export function number(from: Attributes, tag: string): number | undefined {
  return numbers(from, tag)[0];
}

/** All values that are finite numbers. */
export function numbers(from: Attributes, tag: string): number[] {
  return (from[tag]?.Value ?? []).map(Number).filter(Number.isFinite);
}

/** The items of a sequence. */
export function items(from: Attributes, tag: string): Attributes[] {
  return (from[tag]?.Value ?? []).filter((item): item is Attributes => typeof item === "object" && item !== null);
}
