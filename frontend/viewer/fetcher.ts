// Fetches the frames of a series: the one that is looked at first, then its neighbours; drops what is far.

import { cache, imageLoader } from "@cornerstonejs/core";
import { HospitalDown } from "./dicomweb";
import { outward } from "./outward";
import { Stopped } from "./token";

const AT_ONCE = 4;

/** The frames of one pane, of which at most `capacity` are kept. */
export class Fetcher {
  private at = 0;
  private isBackward = false;
  private running = 0;
  private isOver = false;
  private isPaused = false;
  private readonly failed = new Set<string>();

  constructor(
    private readonly imageIds: readonly string[],
    private readonly capacity: number,
  ) {}

  /** Whether the frame is here. */
  has(at: number): boolean {
    const imageId = this.imageIds[at];
    return imageId !== undefined && cache.isLoaded(imageId);
  }

  /** How many of the frames are here. */
  get held(): number {
    return this.imageIds.filter((imageId) => cache.isLoaded(imageId)).length;
  }

  /** Fetch one now. Throws what the loader says: Stopped, HospitalDown, NotGiven, Unreadable, or no room. */
  async need(at: number): Promise<void> {
    const imageId = this.imageIds[at]!;
    this.failed.delete(imageId);
    await load(imageId);
  }

  /** Say where one looks: what is near is fetched from now on, what is far is dropped. */
  look(at: number): void {
    if (at !== this.at) this.isBackward = at < this.at;
    this.at = at;
    this.isPaused = false;
    this.drop();
    this.fill();
  }

  /** Begin anew with what failed. */
  again(): void {
    this.failed.clear();
    this.isPaused = false;
    this.fill();
  }

  /** Fetch no more and drop everything. */
  close(): void {
    this.isOver = true;
    for (const imageId of this.imageIds) forget(imageId);
  }

  private fill(): void {
    while (!this.isOver && !this.isPaused && this.running < AT_ONCE) {
      const next = this.next();
      if (next === undefined) return;
      this.running += 1;
      void this.fetch(next);
    }
  }

  private async fetch(imageId: string): Promise<void> {
    try {
      await load(imageId);
    } catch (error) {
      // Nobody waits for this one; who comes to it asks again and is told why.
      this.failed.add(imageId);
      // A hospital that does not answer, or gives nothing any more, is not asked for the rest until somebody moves.
      if (error instanceof HospitalDown || error instanceof Stopped) this.isPaused = true;
    } finally {
      this.running -= 1;
      if (this.isOver) forget(imageId);
      else this.fill();
    }
  }

  private next(): string | undefined {
    return outward(this.at, this.imageIds.length, this.capacity, this.isBackward)
      .map((at) => this.imageIds[at]!)
      .find((imageId) => !this.failed.has(imageId) && !cache.getImageLoadObject(imageId));
  }

  private drop(): void {
    if (this.imageIds.length <= this.capacity) return;
    const near = new Set(outward(this.at, this.imageIds.length, this.capacity, this.isBackward));
    this.imageIds.forEach((imageId, at) => {
      if (!near.has(at) && cache.isLoaded(imageId)) forget(imageId);
    });
  }
}

// The library's own way to do both leaves a failure of the second behind that nobody can catch.
async function load(imageId: string): Promise<void> {
  const coming = cache.getImageLoadObject(imageId);
  if (coming) return void (await coming.promise);
  const promise = imageLoader.loadImage(imageId);
  await cache.putImageLoadObject(imageId, { promise });
}

function forget(imageId: string): void {
  if (cache.getImageLoadObject(imageId)) cache.removeImageLoadObject(imageId, { force: true });
}
