// The image viewer of a page: reads its settings, and asks for the series while the drawing engine is on its way.

import { Source } from "./dicomweb";
import { make } from "./dom";
import { firstToShow, seriesRows } from "./kinds";
import { readSettings, type ViewerSettings } from "./settings";
import { Tokens } from "./token";
import { box, stateOf, waysOut } from "./trouble";
import { speaker } from "./words";

const root = document.getElementById("viewer");
if (root) void start(root, readSettings(document));

async function start(root: HTMLElement, settings: ViewerSettings): Promise<void> {
  const { say, state } = speaker(settings.words);
  const arriving = import("./viewer");
  arriving.catch(() => undefined);
  const source = new Source(settings.studies[0]!, new Tokens(settings.tokenUrl));
  const listed = source.list("/series");
  listed.catch(() => undefined);
  wakeGraphics();
  root.replaceChildren(make("p", { class: "viewer-starting", role: "status" }, say("viewer.loading")));
  try {
    const rows = seriesRows(await listed);
    const first = firstToShow(rows);
    if (first) source.expect(`/series/${first.uid}/metadata`);
    const { Viewer } = await arriving;
    await new Viewer(root, settings, source, rows).begin();
  } catch (error) {
    const name = stateOf(error);
    const ways = waysOut(name, say, settings.back, () => void start(root, settings));
    const text = state(name, { hospital: source.study.hospital, n: 0 });
    root.replaceChildren(box(name, text, ways));
  }
}

// The browser starts what it draws with at the first question, which takes long without a graphics card: while the
// network is busy costs nothing.
function wakeGraphics(): void {
  document.createElement("canvas").getContext("webgl2")?.getExtension("WEBGL_lose_context")?.loseContext();
}
