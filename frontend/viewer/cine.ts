// Plays the frames of a film, only when somebody asks for it; stops when they look elsewhere.

const CALM_RATE = 3;

/** Whether the reader asked their device for little motion. */
export function wantsCalm(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** A rate to begin with: slow for who asked for little motion; they may choose a higher one. */
export function calm(rate: number): number {
  return wantsCalm() ? Math.min(rate, CALM_RATE) : rate;
}

/** Goes through frames at a rate, round and round. */
export class Cine {
  private timer = 0;
  private rate: number;

  constructor(
    rate: number,
    private readonly step: () => void,
    private readonly changed: (isPlaying: boolean) => void,
  ) {
    this.rate = calm(rate);
    document.addEventListener("visibilitychange", () => document.hidden && this.stop());
  }

  /** Frames a second. */
  get speed(): number {
    return this.rate;
  }

  set speed(rate: number) {
    this.rate = Math.min(25, Math.max(1, rate));
    if (this.isPlaying) this.begin();
  }

  get isPlaying(): boolean {
    return this.timer !== 0;
  }

  /** Play or stop. */
  toggle(): void {
    if (this.isPlaying) return this.stop();
    this.begin();
    this.changed(true);
  }

  /** Stop where it is. */
  stop(): void {
    if (!this.isPlaying) return;
    clearInterval(this.timer);
    this.timer = 0;
    this.changed(false);
  }

  private begin(): void {
    clearInterval(this.timer);
    this.timer = window.setInterval(() => this.step(), 1000 / this.rate);
  }
}
