// The order of pictures in a stack: along the body where positions say so, else by number.

import { TAG, number, numbers, text, type Attributes } from "./attributes";

/** Sort the instances of a series; the given array stays as it is. */
export function inOrder(instances: readonly Attributes[]): Attributes[] {
  const places = instances.map(along);
  const isVolume = instances.length > 1 && places.every((place) => place !== undefined) && new Set(places).size > 1;
  return instances
    .map((instance, at) => ({ instance, place: isVolume ? places[at]! : 0 }))
    .sort((one, other) => compare(one, other))
    .map(({ instance }) => instance);
}

/** Where a slice lies along its own normal, in mm; undefined without position and orientation. */
export function along(instance: Attributes): number | undefined {
  const position = numbers(instance, TAG.position);
  const normal = normalOf(numbers(instance, TAG.orientation));
  if (position.length !== 3 || !normal) return undefined;
  // The same slice in two phases differs by rounding only; micrometres hold it together.
  return Math.round((position[0]! * normal[0] + position[1]! * normal[1] + position[2]! * normal[2]) * 1000) / 1000;
}

/** The direction that a plane faces. *Source:* DICOM PS3.3 §C.7.6.2.1.1. */
export function normalOf(orientation: readonly number[]): [number, number, number] | undefined {
  if (orientation.length !== 6) return undefined;
  const [a, b, c, d, e, f] = orientation as [number, number, number, number, number, number];
  return [b * f - c * e, c * d - a * f, a * e - b * d];
}

interface Placed {
  instance: Attributes;
  place: number;
}

// Axial slices run from head to feet, as radiologists read them: the normal points to the head.
function compare(one: Placed, other: Placed): number {
  return other.place - one.place || numberOf(one) - numberOf(other) || nameOf(one).localeCompare(nameOf(other));
}

function numberOf({ instance }: Placed): number {
  return number(instance, TAG.instanceNumber) ?? Number.MAX_SAFE_INTEGER;
}

function nameOf({ instance }: Placed): string {
  return text(instance, TAG.sop);
}
