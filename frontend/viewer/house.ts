// What a pane knows of the viewer that it is part of.

import type { Drag } from "./gestures";
import type { Pane } from "./pane";
import type { Say, State, StateText } from "./words";

/** What a pane needs from the viewer around it. */
export interface House {
  language: string;
  say: Say;
  state: (name: State, blanks?: Readonly<Record<string, string | number>>) => StateText;
  back: string;
  budget: () => number;
  drag: () => Drag;
  chosen: (pane: Pane) => void;
  moved: (pane: Pane, before: number, now: number) => void;
  changed: (pane: Pane) => void;
}
