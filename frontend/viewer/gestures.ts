// Mouse and fingers on a picture. Everything that a drag does has buttons and keys as well (WCAG 2.5.7).

/** What a drag with one finger or the left button does. */
export type Drag = "scroll" | "window" | "zoom" | "pan";

/** What gestures can do to a picture. */
export interface Handled {
  scroll(steps: number): void;
  zoom(factor: number): void;
  pan(right: number, down: number): void;
  adjust(light: number, contrast: number): void;
  chosen(): void;
}

interface Point {
  x: number;
  y: number;
}

const STEP_PX = 12;
const WHEEL_STEP = 40;

/** Listen to an element; `drag` tells what is chosen at the moment. */
export function listen(element: HTMLElement, handled: Handled, drag: () => Drag): void {
  const fingers = new Map<number, Point>();
  const left = { wheel: 0, scroll: 0 };

  function move(kind: Drag, dx: number, dy: number): void {
    if (kind === "pan") handled.pan(dx, dy);
    if (kind === "zoom") handled.zoom(Math.exp(-dy / 150));
    if (kind === "window") handled.adjust(-dy / 300, -dx / 300);
    if (kind === "scroll") {
      left.scroll += dy / STEP_PX;
      const steps = Math.trunc(left.scroll);
      left.scroll -= steps;
      if (steps) handled.scroll(steps);
    }
  }

  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    left.scroll = 0;
    handled.chosen();
  });
  element.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    fingers.set(event.pointerId, now);
    if (other) return pinch(handled, before, now, other);
    move(meant(event, drag()), now.x - before.x, now.y - before.y);
  });
  for (const name of ["pointerup", "pointercancel"] as const) {
    element.addEventListener(name, (event) => fingers.delete(event.pointerId));
  }
  element.addEventListener("contextmenu", (event) => event.preventDefault());
  element.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      if (event.ctrlKey) return handled.zoom(Math.exp(-event.deltaY / 300));
      left.wheel += event.deltaY / (event.deltaMode === 0 ? WHEEL_STEP : 1);
      const steps = Math.trunc(left.wheel);
      left.wheel -= steps;
      // One notch of a wheel is one picture, however far the browser says that it went.
      if (steps) handled.scroll(Math.sign(steps) * Math.min(3, Math.ceil(Math.abs(steps) / 3)));
    },
    { passive: false },
  );
}

// As in hospitals: the right button changes the window, the middle one moves.
function meant(event: PointerEvent, chosen: Drag): Drag {
  if (event.buttons & 2) return "window";
  if (event.buttons & 4) return "pan";
  return chosen;
}

function pinch(handled: Handled, before: Point, now: Point, other: Point): void {
  const [was, is] = [Math.hypot(before.x - other.x, before.y - other.y), Math.hypot(now.x - other.x, now.y - other.y)];
  if (was > 10 && is > 10) handled.zoom(is / was);
  handled.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
}
