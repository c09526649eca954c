// Going through two series together: by place in the body where both tell it, else by order.

/** How a second series follows the first. */
export type Link = "place" | "count";

/** By place when both have a place for each slice and lie in the same direction. */
export function linkOf(first: readonly (number | undefined)[], second: readonly (number | undefined)[]): Link {
  const known = (places: readonly (number | undefined)[]): boolean =>
    places.length > 1 && places.every((place) => place !== undefined);
  return known(first) && known(second) ? "place" : "count";
}

/** Where the other series goes when this one moved from `before` to `now`; places in mm, indices from 0. */
export function follow(
  moved: { places: readonly (number | undefined)[]; before: number; now: number },
  other: { places: readonly (number | undefined)[]; at: number },
): number {
  const last = other.places.length - 1;
  if (linkOf(moved.places, other.places) === "count") return clamp(other.at + moved.now - moved.before, last);
  // Two visits have other zero points: the distance that was moved counts, not the place itself.
  const wanted = other.places[other.at]! + moved.places[moved.now]! - moved.places[moved.before]!;
  return nearest(other.places as readonly number[], wanted);
}

/** The index whose value is nearest. */
export function nearest(values: readonly number[], wanted: number): number {
  let best = 0;
  values.forEach((value, at) => {
    if (Math.abs(value - wanted) < Math.abs(values[best]! - wanted)) best = at;
  });
  return best;
}

function clamp(value: number, last: number): number {
  return Math.min(last, Math.max(0, value));
}
