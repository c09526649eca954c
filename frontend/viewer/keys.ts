// Keys on a picture that has the focus; Tab always leads away from it.

/** What keys can do. */
export interface KeyedActions {
  scroll(steps: number): void;
  first(): void;
  last(): void;
  zoom(factor: number): void;
  pan(right: number, down: number): void;
  adjust(light: number, contrast: number): void;
  preset(at: number): void;
  turn(): void;
  play(): void;
  reset(): void;
}

const PAN_PX = 30;
const NUDGE = 0.1;

const PLAIN: Record<string, (act: KeyedActions) => void> = {
  ArrowUp: (act) => act.scroll(-1),
  ArrowDown: (act) => act.scroll(1),
  ArrowLeft: (act) => act.scroll(-1),
  ArrowRight: (act) => act.scroll(1),
  PageUp: (act) => act.scroll(-10),
  PageDown: (act) => act.scroll(10),
  Home: (act) => act.first(),
  End: (act) => act.last(),
  "+": (act) => act.zoom(1.25),
  "=": (act) => act.zoom(1.25),
  "-": (act) => act.zoom(0.8),
  r: (act) => act.turn(),
  R: (act) => act.turn(),
  " ": (act) => act.play(),
  "0": (act) => act.reset(),
};

const SHIFTED: Record<string, (act: KeyedActions) => void> = {
  ArrowUp: (act) => act.pan(0, -PAN_PX),
  ArrowDown: (act) => act.pan(0, PAN_PX),
  ArrowLeft: (act) => act.pan(-PAN_PX, 0),
  ArrowRight: (act) => act.pan(PAN_PX, 0),
};

const WITH_CONTROL: Record<string, (act: KeyedActions) => void> = {
  ArrowUp: (act) => act.adjust(NUDGE, 0),
  ArrowDown: (act) => act.adjust(-NUDGE, 0),
  ArrowRight: (act) => act.adjust(0, NUDGE),
  ArrowLeft: (act) => act.adjust(0, -NUDGE),
};

/** Listen to an element. Keys that mean nothing here go on to the browser. */
export function listenToKeys(element: HTMLElement, act: KeyedActions): void {
  element.addEventListener("keydown", (event) => {
    const found = meaning(event);
    if (!found) return;
    event.preventDefault();
    found(act);
  });
}

/** What a key means on a picture; undefined for those that are not ours. */
export function meaning(event: Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "altKey" | "metaKey">) {
  if (event.altKey || event.metaKey) return undefined;
  if (event.ctrlKey) return WITH_CONTROL[event.key];
  if (event.shiftKey && SHIFTED[event.key]) return SHIFTED[event.key];
  if (/^[1-5]$/.test(event.key)) return (act: KeyedActions) => act.preset(Number(event.key) - 1);
  return PLAIN[event.key];
}
