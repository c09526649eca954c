// Headers as the image loader can use them: palettes as numbers, and no geometry that cannot be.

import { TAG, numbers, type Attributes, type Element } from "./attributes";

const PALETTES = ["00281201", "00281202", "00281203"];
const SPACINGS = ["00280030", "00181164"];

/** A copy of a header without what would stop the drawing. *Source:* DICOM PS3.3 §C.7.6.3.1.6, §C.7.6.2.1. */
export function sound(header: Attributes): Attributes {
  const made = { ...header };
  for (const tag of PALETTES) if (made[tag]) made[tag] = inNumbers(made[tag]);
  // Some devices fill in zeros for what they do not know. Nothing can be drawn at a size of nothing.
  for (const tag of SPACINGS) if (made[tag] && !numbers(made, tag).every((size) => size > 0)) delete made[tag];
  const axes = numbers(made, TAG.orientation);
  if (made[TAG.orientation] && !(axes.length === 6 && axes.some(Boolean))) delete made[TAG.orientation];
  return made;
}

// Sixteen bits a colour, the low byte first: the gateway sends nothing else.
function inNumbers(palette: Element): Element {
  if (palette.InlineBinary === undefined) return palette;
  const bytes = Uint8Array.from(atob(palette.InlineBinary), (letter) => letter.charCodeAt(0));
  const words = new DataView(bytes.buffer);
  return { vr: "US", Value: Array.from({ length: bytes.length >> 1 }, (_, at) => words.getUint16(at * 2, true)) };
}
