// The image viewer of a page: reads its settings, and asks for the series while the drawing engine is on its way.

import { Source } from "./dicomweb";
import { make } from "./dom";
import { seriesRows } from "./kinds";
import { readSettings, type ViewerSettings } from "./settings";
import { Tokens } from "./token";
import { box, stateOf, type Ways } from "./trouble";
import { speaker } from "./words";

const root = document.getElementById("viewer");
if (root) void start(root, readSettings(document));

async function start(root: HTMLElement, settings: ViewerSettings): Promise<void> {
  const { say, state } = speaker(settings.words);
  const arriving = import("./viewer");
  const source = new Source(settings.studies[0]!, new Tokens(settings.tokenUrl));
  root.replaceChildren(make("p", { class: "viewer-starting", role: "status" }, say("viewer.loading")));
  try {
    const [{ Viewer }, found] = await Promise.all([arriving, source.list("/series")]);
    await new Viewer(root, settings, source, seriesRows(found)).begin();
  } catch (error) {
    const name = stateOf(error);
    const ways: Ways = {
      retry: { label: say("viewer.retry"), act: () => void start(root, settings) },
      download: { label: say("viewer.to_download"), address: settings.back },
    };
    const text = state(name, { hospital: source.study.hospital, n: 0 });
    root.replaceChildren(box(name, text, name === "viewer_stopped" ? { retry: undefined, download: undefined } : ways));
  }
}
