// The frames of a series in the order of looking, each with what the viewer needs to know of it.

import { TAG, number, text, type Attributes } from "./attributes";
import type { Source } from "./dicomweb";
import { sound } from "./header";
import { along, inOrder } from "./order";

/** One frame: the header of its instance, and its number in there (from 1). */
export interface Frame {
  imageId: string;
  header: Attributes;
  place: number | undefined;
}

/** Gives a frame the name by which the image loader knows it. */
export type Namer = (source: Source, series: string, instance: string, frame: number, header: Attributes) => string;

/** All frames of these instances; what is no picture gives none. */
export function framesOf(source: Source, series: string, headers: readonly Attributes[], name: Namer): Frame[] {
  return inOrder(headers.filter(isPicture).map(sound)).flatMap((header) => {
    const count = Math.max(1, number(header, TAG.frames) ?? 1);
    const instance = text(header, TAG.sop);
    return Array.from({ length: count }, (_, at) => ({
      imageId: name(source, series, instance, at + 1, header),
      header,
      place: count === 1 ? along(header) : undefined,
    }));
  });
}

/** How much memory one frame takes when it is decoded, in bytes. */
export function bytesOf(header: Attributes): number {
  const pixels = (number(header, TAG.rows) ?? 512) * (number(header, TAG.columns) ?? 512);
  const samples = number(header, TAG.samples) ?? 1;
  // Colours are drawn from four bytes a pixel, whatever they are stored in.
  return samples > 1 ? pixels * 4 : pixels * Math.max(1, Math.ceil((number(header, TAG.bits) ?? 16) / 8));
}

function isPicture(header: Attributes): boolean {
  return number(header, TAG.rows) !== undefined && header["7FE00010"] !== undefined;
}
