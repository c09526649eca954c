// A line of a round length beside the picture, so that one sees how large things are without measuring.

const ROUND_MM = [1, 2, 5, 10, 20, 50, 100, 200, 500];

/** A line: how long it is on the screen and in the body. */
export interface Scale {
  pixels: number;
  label: string;
}

/** The longest round line that fits `most` pixels; undefined when the size of a pixel is not known. */
export function scaleLine(mmPerPixel: number, most: number, language: string): Scale | undefined {
  if (!Number.isFinite(mmPerPixel) || mmPerPixel <= 0) return undefined;
  const mm = ROUND_MM.filter((length) => length / mmPerPixel <= most).at(-1);
  if (mm === undefined) return undefined;
  const [amount, unit] = mm >= 10 ? [mm / 10, "cm"] : [mm, "mm"];
  return { pixels: mm / mmPerPixel, label: `${new Intl.NumberFormat(language).format(amount)} ${unit}` };
}
