// What is said in the place of a picture that cannot be shown, and what can be done then.

import { HospitalDown, NotGiven } from "./dicomweb";
import { button, make } from "./dom";
import { Stopped } from "./token";
import type { Say, State, StateText } from "./words";

/** Which state an error is. What nobody foresaw is said like a picture that cannot be shown. */
export function stateOf(error: unknown): State {
  if (error instanceof Stopped) return "viewer_stopped";
  if (error instanceof HospitalDown) return "viewer_hospital_down";
  if (error instanceof NotGiven) return "viewer_unsupported";
  // Thrown by fetch when the portal itself cannot be reached.
  if (error instanceof TypeError) return "viewer_hospital_down";
  return isFull(error) ? "viewer_memory" : "viewer_unsupported";
}

/** Words for the buttons of a state. */
export interface Ways {
  retry: { label: string; act: () => void } | undefined;
  download: { label: string; address: string } | undefined;
}

/** What one can do in a state: when access was stopped, nothing here. */
export function waysOut(name: State, say: Say, back: string, retry?: () => void): Ways {
  const isOver = name === "viewer_stopped";
  return {
    retry: retry && !isOver ? { label: say("viewer.retry"), act: retry } : undefined,
    download: isOver ? undefined : { label: say("viewer.to_download"), address: back },
  };
}

/** A box with title, why, next, and what one can press. */
export function box(name: State, text: StateText, ways: Ways): HTMLElement {
  const acts: Node[] = [];
  if (ways.retry) acts.push(button(ways.retry.label, ways.retry.act));
  if (ways.download) acts.push(make("a", { href: ways.download.address }, ways.download.label));
  return make(
    "div",
    { class: "viewer-state", role: "status", "data-state": name },
    make("p", { class: "viewer-state-title" }, text.title),
    make("p", {}, text.why),
    make("p", {}, text.next),
    ...(acts.length ? [make("p", { class: "viewer-state-acts" }, ...acts)] : []),
  );
}

function isFull(error: unknown): boolean {
  const text = error instanceof Error ? error.message : String((error as { type?: string })?.type ?? error);
  return /CACHE_SIZE_EXCEEDED|out of memory|allocation failed/i.test(text);
}
