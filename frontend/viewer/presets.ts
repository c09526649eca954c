// Windows for looking at CT, in Hounsfield units, by the tissue that one wants to see.

import type { Key } from "./words";

/** A stretch of values that is drawn from black to white. */
export interface Range {
  lower: number;
  upper: number;
}

/** A choice of display; without a centre it is the file's own window. */
export interface Preset {
  name: Key;
  centre?: number;
  width?: number;
}

/** In the order of the keys 1 to 5. */
export const PRESETS: readonly Preset[] = [
  { name: "viewer.window_file" },
  { name: "viewer.window_lung", centre: -600, width: 1500 },
  { name: "viewer.window_bone", centre: 400, width: 1800 },
  { name: "viewer.window_brain", centre: 40, width: 80 },
  { name: "viewer.window_soft", centre: 40, width: 400 },
];

/** The range of a preset; undefined for the file's own. *Source:* DICOM PS3.3 §C.11.2.1.2.1, without its half steps. */
export function rangeOf(preset: Preset): Range | undefined {
  if (preset.centre === undefined || preset.width === undefined) return undefined;
  return { lower: preset.centre - preset.width / 2, upper: preset.centre + preset.width / 2 };
}

/** Only CT has values that mean the same on each machine; elsewhere the presets would show nothing. */
export function presetsFor(modality: string): readonly Preset[] {
  return modality === "CT" ? PRESETS : PRESETS.slice(0, 1);
}

/** Make a picture lighter (`light` > 0) and of more contrast (`contrast` > 0), in shares of the present width. */
export function adjusted(range: Range, light: number, contrast: number): Range {
  const width = range.upper - range.lower;
  const centre = (range.upper + range.lower) / 2 - light * width;
  const half = Math.max(0.5, (width * Math.exp(-contrast)) / 2);
  return { lower: centre - half, upper: centre + half };
}
