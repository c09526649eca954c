// How to work with keys, on the page itself.

import { make } from "./dom";
import type { Key, Say } from "./words";

const LINES: readonly Key[] = [
  "viewer.keys_scroll",
  "viewer.keys_page",
  "viewer.keys_zoom",
  "viewer.keys_pan",
  "viewer.keys_window",
  "viewer.keys_presets",
  "viewer.keys_other",
];

/** A list that folds open. */
export function guide(say: Say): HTMLElement {
  return make(
    "details",
    { class: "viewer-guide" },
    make("summary", {}, say("viewer.keys")),
    make("p", {}, say("viewer.keys_intro")),
    make("ul", {}, ...LINES.map((line) => make("li", {}, say(line)))),
  );
}
