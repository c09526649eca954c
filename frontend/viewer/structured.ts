// A structured report as lines of text, in its own order. Source: DICOM PS3.3 §C.17.3 (content tree, value types).

import { items, text, type Attributes } from "./attributes";

/** A line: a heading of some depth, or a text under a name. `isMissing` marks what cannot be put in words. */
export interface Line {
  depth: number;
  name: string;
  value: string;
  isMissing?: boolean;
}

const CONTENT = "0040A730";
const KIND = "0040A040";
const NAME = "0040A043";
const MEANING = "00080104";
const DEEPEST = 40;
const IN_TEXT: Record<string, string> = {
  TEXT: "0040A160",
  PNAME: "0040A123",
  DATE: "0040A121",
  TIME: "0040A122",
  DATETIME: "0040A120",
  UIDREF: "0040A124",
};
// References to pictures say nothing to a reader; the pictures stand beside the report.
const SILENT = new Set(["IMAGE", "WAVEFORM", "COMPOSITE"]);

/** All that a report says. */
export function lines(report: Attributes): Line[] {
  return below(report, 1);
}

function below(container: Attributes, depth: number): Line[] {
  if (depth > DEEPEST) return [{ depth, name: "", value: "", isMissing: true }];
  return items(container, CONTENT).flatMap((item) => [...own(item, depth), ...below(item, depth + 1)]);
}

function own(item: Attributes, depth: number): Line[] {
  const kind = text(item, KIND);
  const name = meaning(item, NAME);
  if (kind === "CONTAINER") return name ? [{ depth, name, value: "" }] : [];
  if (SILENT.has(kind)) return [];
  const value = valueOf(item, kind);
  return [value ? { depth, name, value } : { depth, name, value: "", isMissing: true }];
}

function valueOf(item: Attributes, kind: string): string {
  if (kind === "CODE") return meaning(item, "0040A168");
  if (kind === "NUM") {
    const measured = items(item, "0040A300")[0];
    return measured ? `${text(measured, "0040A30A")} ${meaning(measured, "004008EA")}`.trim() : "";
  }
  const tag = IN_TEXT[kind];
  return tag ? text(item, tag) : "";
}

function meaning(item: Attributes, tag: string): string {
  const code = items(item, tag)[0];
  return code ? text(code, MEANING) : "";
}
