// Which pictures are fetched next, and how many are kept: from where one looks, outward.

/** The places 0 … count-1, nearest to `from` first, at most `most` of them; ahead goes before behind. */
export function outward(from: number, count: number, most: number, isBackward = false): number[] {
  const found: number[] = [];
  const step = isBackward ? -1 : 1;
  for (let distance = 0; found.length < Math.min(most, count) && distance < count; distance += 1) {
    for (const at of distance === 0 ? [from] : [from + step * distance, from - step * distance]) {
      if (at >= 0 && at < count && found.length < most) found.push(at);
    }
  }
  return found;
}

const MB = 1_000_000;

/** How much memory decoded pictures may take, in bytes; `deviceGigabytes` is what the browser tells, if it does. */
export function memoryBudget(deviceGigabytes: number | undefined): number {
  if (deviceGigabytes === undefined) return 384 * MB;
  return Math.min(600 * MB, Math.max(96 * MB, deviceGigabytes * 75 * MB));
}

/** How many pictures of this size fit; never fewer than three: the one that is shown and its neighbours. */
export function picturesThatFit(budget: number, bytesEach: number): number {
  return Math.max(3, Math.floor(budget / Math.max(1, bytesEach)));
}
