// Cornerstone3D, set up once: drawing, decoding in workers, and image requests that carry our token.

import { Enums, RenderingEngine, cache, imageLoader, init, type StackViewport } from "@cornerstonejs/core";
import { init as initLoader, wadors } from "@cornerstonejs/dicom-image-loader";
import type { Attributes } from "./attributes";
import { meaningOf, type Source } from "./dicomweb";

/** The loader knows how to fetch it and not how to decode it. */
export class Unreadable extends Error {}

const sources: Source[] = [];
const ENGINE = "viewer";
let engine: RenderingEngine | undefined;

/** Start once; `bytes` bounds the memory of decoded pictures. */
export function startEngine(bytes: number): void {
  if (engine) return;
  // One context draws for all panes: each costs a tenth of a second to begin, and we have two panes at most.
  init({ debug: {}, rendering: { webGlContextCount: 1 } });
  initLoader({
    maxWebWorkers: Math.min(4, Math.max(1, Math.floor((navigator.hardwareConcurrency || 2) / 2))),
    beforeSend: async (_request: XMLHttpRequest, imageId: string) => {
      return { Authorization: await sourceOf(imageId).authorization() };
    },
  });
  imageLoader.registerImageLoader("wadors", (imageId, options) => ({ promise: load(imageId, options ?? {}) }));
  cache.setMaxCacheSize(bytes);
  engine = new RenderingEngine(ENGINE);
}

/** Take away what the libraries note in the browser's storage (graphics card, log level): machines are of others. */
export function leaveNoTrace(): void {
  for (const name of ["cornerstone3D.renderingCapabilities", "loglevel"]) localStorage.removeItem(name);
}

/** Let the loader know a study's source, by which it finds the token. */
export function register(source: Source): void {
  if (!sources.includes(source)) sources.push(source);
}

/** Put a viewport into an element. */
export function openViewport(id: string, element: HTMLDivElement): StackViewport {
  if (!engine) throw new Error("the engine was not started");
  engine.enableElement({ viewportId: id, element, type: Enums.ViewportType.STACK, defaultOptions: { background: [0, 0, 0] } });
  return engine.getViewport(id) as StackViewport;
}

/** Take it out again. */
export function closeViewport(id: string): void {
  engine?.disableElement(id);
}

/** Fit the pictures to elements whose size changed. */
export function resizeViewports(): void {
  engine?.resize(true, true);
}

/** The loader's name for a frame, with its header made known to it. Frames count from 1. */
export function nameFrame(source: Source, series: string, instance: string, frame: number, header: Attributes): string {
  const imageId = `wadors:${source.root}/series/${series}/instances/${instance}/frames/${frame}`;
  if (frame === 1) wadors.metaDataManager.add(imageId, header as never);
  return imageId;
}

function sourceOf(imageId: string): Source {
  const found = sources.find((source) => imageId.startsWith(`wadors:${source.root}/`));
  if (!found) throw new Error("an image of no known study");
  return found;
}

type Loaded = Awaited<ReturnType<typeof wadors.loadImage>["promise"]>;

async function load(imageId: string, options: object): Promise<Loaded> {
  const source = sourceOf(imageId);
  const before = await source.authorization();
  try {
    return drawable(await wadors.loadImage(imageId, options as never).promise);
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined) throw new Unreadable();
    if (status !== 401) throw meaningOf(status);
  }
  await source.renew(before);
  try {
    return drawable(await wadors.loadImage(imageId, options as never).promise);
  } catch (error) {
    const status = statusOf(error);
    throw status === undefined ? new Unreadable() : meaningOf(status);
  }
}

// Some codecs make an image of no size of what they cannot read, which would be drawn as black.
function drawable(image: Loaded): Loaded {
  if (!(image.width > 0 && image.height > 0)) throw new Unreadable();
  return image;
}

function statusOf(error: unknown): number | undefined {
  const status = (error as { status?: unknown } | undefined)?.status;
  return typeof status === "number" ? status : undefined;
}
