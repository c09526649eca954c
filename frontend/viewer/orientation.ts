// Letters at the edges of a picture: which side of the patient lies there. Source: DICOM PS3.3 §C.7.6.1.1.1.

/** The four edges of the picture as it is drawn. */
export interface Edges {
  top: string;
  right: string;
  bottom: string;
  left: string;
}

type Vector = readonly number[];

/** The letters for the edges; `right` and `down` are the directions on the screen in patient coordinates (LPS). */
export function edges(right: Vector, down: Vector): Edges {
  const back = (vector: Vector): Vector => vector.map((part) => -part);
  return { right: letters(right), left: letters(back(right)), bottom: letters(down), top: letters(back(down)) };
}

/** One to three letters for a direction, the nearest side first; what is nearly across is left out. */
export function letters(direction: Vector): string {
  const [x = 0, y = 0, z = 0] = direction;
  const parts = [
    { size: Math.abs(x), letter: x < 0 ? "R" : "L" },
    { size: Math.abs(y), letter: y < 0 ? "A" : "P" },
    { size: Math.abs(z), letter: z < 0 ? "F" : "H" },
  ];
  const length = Math.hypot(x, y, z) || 1;
  return parts
    .filter(({ size }) => size / length > 0.25)
    .sort((one, other) => other.size - one.size)
    .map(({ letter }) => letter)
    .join("");
}
