// The image viewer of a page: reads its settings, opens the first series.

import { readSettings } from "./settings";
import { TAG, number, text } from "./attributes";
import { Source } from "./dicomweb";
import { make } from "./dom";
import { inOrder } from "./order";
import { memoryBudget } from "./outward";
import { Tokens } from "./token";

async function start(root: HTMLElement): Promise<void> {
  const settings = readSettings(document);
  const loading = import("./engine");
  const tokens = new Tokens(settings.tokenUrl);
  const source = new Source(settings.studies[0]!, tokens);
  const series = await source.list("/series");
  const first = series.find((row) => (number(row, TAG.instancesInSeries) ?? 0) > 1) ?? series[0]!;
  const uid = text(first, TAG.series);
  const instances = inOrder(await source.list(`/series/${uid}/metadata`));
  const engine = await loading;
  const element = make("div", { class: "viewer-picture" });
  root.append(element);
  engine.startEngine(memoryBudget(undefined));
  engine.register(source);
  const names = instances.map((one) => engine.nameFrame(source, uid, text(one, TAG.sop), 1, one));
  const viewport = engine.openViewport("first", element);
  await viewport.setStack(names, 0);
  viewport.render();
  root.dataset["state"] = "shown";
}

const root = document.getElementById("viewer");
if (root) void start(root);
