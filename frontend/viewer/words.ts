// Every text that the viewer shows, by its key in the catalogues; the page hands them over in its settings.

/** Keys of the texts that are the viewer's own. */
export const KEYS = [
  "viewer.loading",
  "viewer.opening",
  "viewer.series",
  "viewer.series_name",
  "viewer.pictures",
  "viewer.technical",
  "viewer.position",
  "viewer.fetching",
  "viewer.previous",
  "viewer.next",
  "viewer.slider",
  "viewer.play",
  "viewer.stop",
  "viewer.speed",
  "viewer.motion",
  "viewer.drag",
  "viewer.drag_scroll",
  "viewer.drag_window",
  "viewer.drag_zoom",
  "viewer.drag_pan",
  "viewer.window",
  "viewer.window_file",
  "viewer.window_lung",
  "viewer.window_bone",
  "viewer.window_brain",
  "viewer.window_soft",
  "viewer.window_own",
  "viewer.light",
  "viewer.lighter",
  "viewer.darker",
  "viewer.more_contrast",
  "viewer.less_contrast",
  "viewer.place",
  "viewer.larger",
  "viewer.smaller",
  "viewer.left",
  "viewer.right",
  "viewer.up",
  "viewer.down",
  "viewer.rotate",
  "viewer.reset",
  "viewer.more",
  "viewer.compare",
  "viewer.compare_none",
  "viewer.linked",
  "viewer.link_by_place",
  "viewer.link_by_count",
  "viewer.reports",
  "viewer.report_open",
  "viewer.report_close",
  "viewer.report_file",
  "viewer.report_failed",
  "viewer.report_empty",
  "viewer.report_not_shown",
  "viewer.retry",
  "viewer.to_download",
  "viewer.shows",
  "viewer.shows_turned",
  "viewer.picture_of",
  "viewer.sides",
  "viewer.side_L",
  "viewer.side_R",
  "viewer.side_A",
  "viewer.side_P",
  "viewer.side_H",
  "viewer.side_F",
  "viewer.scale",
  "viewer.keys",
  "viewer.keys_intro",
  "viewer.keys_scroll",
  "viewer.keys_page",
  "viewer.keys_zoom",
  "viewer.keys_pan",
  "viewer.keys_window",
  "viewer.keys_presets",
  "viewer.keys_other",
] as const;

/** The states that can stop somebody; each has a title, a why and a next step. */
export const STATES = [
  "viewer_loading_slow",
  "viewer_unsupported",
  "viewer_not_image",
  "viewer_hospital_down",
  "viewer_memory",
  "viewer_stopped",
] as const;

export type Key = (typeof KEYS)[number];
export type State = (typeof STATES)[number];

/** Says a text by its key, with its blanks filled in. */
export type Say = (key: Key, blanks?: Readonly<Record<string, string | number>>) => string;

/** What a state says: what happened, why, and what to do next. */
export interface StateText {
  title: string;
  why: string;
  next: string;
}

/** Make the two from what the page handed over. A text that is missing shows its key, so that it is seen. */
export function speaker(words: Readonly<Record<string, string>>): {
  say: Say;
  state: (name: State, blanks?: Readonly<Record<string, string | number>>) => StateText;
} {
  const look = (key: string, blanks: Readonly<Record<string, string | number>> = {}): string =>
    filled(words[key] ?? key, blanks);
  return {
    say: look,
    state: (name, blanks) => ({
      title: look(`state.${name}.title`, blanks),
      why: look(`state.${name}.why`, blanks),
      next: look(`state.${name}.next`, blanks),
    }),
  };
}

/** Put values into the blanks of a text: `{n}`. A blank without a value stays as it is. */
export function filled(text: string, blanks: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{([a-z_]+)\}/g, (whole, name: string) => String(blanks[name] ?? whole));
}
