// Run by tests/unit/test_viewer_code.py with Node's own test runner.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Attributes } from "../attributes";
import { sound } from "../header";
import { follow, linkOf } from "../linking";
import { along, inOrder } from "../order";
import { edges, letters } from "../orientation";
import { memoryBudget, outward, picturesThatFit } from "../outward";
import { adjusted, presetsFor, rangeOf, PRESETS } from "../presets";
import { scaleLine } from "../scale";
import { lines } from "../structured";
import { filled } from "../words";

const axial = [1, 0, 0, 0, 1, 0];

function slice(number: number, z?: number): Attributes {
  const placed = z === undefined ? {} : { "00200032": { vr: "DS", Value: [0, 0, z] }, "00200037": { vr: "DS", Value: axial } };
  return { "00080018": { vr: "UI", Value: [`1.2.${number}`] }, "00200013": { vr: "IS", Value: [number] }, ...placed };
}

const numbersOf = (found: Attributes[]): unknown[] => found.map((one) => one["00200013"]?.Value?.[0]);

test("slices lie from head to feet, whatever their numbers say", () => {
  assert.deepEqual(numbersOf(inOrder([slice(1, 10), slice(2, 30), slice(3, 20)])), [2, 3, 1]);
});

test("without a place, or with one for some, numbers decide", () => {
  assert.deepEqual(numbersOf(inOrder([slice(10), slice(9), slice(2)])), [2, 9, 10]);
  assert.deepEqual(numbersOf(inOrder([slice(3, 5), slice(2), slice(1, 9)])), [1, 2, 3]);
  assert.equal(along(slice(1)), undefined);
});

test("two phases at one place stay together in the order of their numbers", () => {
  assert.deepEqual(numbersOf(inOrder([slice(4, 1), slice(2, 1), slice(1, 2), slice(3, 2)])), [1, 3, 2, 4]);
});

test("what is looked at comes first, then its neighbours, ahead before behind", () => {
  assert.deepEqual(outward(5, 10, 5), [5, 6, 4, 7, 3]);
  assert.deepEqual(outward(5, 10, 5, true), [5, 4, 6, 3, 7]);
  assert.deepEqual(outward(0, 3, 10), [0, 1, 2]);
  assert.deepEqual(outward(9, 10, 3), [9, 8, 7]);
});

test("three thousand slices never take more than the budget", () => {
  const bytes = 512 * 512 * 2;
  for (const gigabytes of [undefined, 0.25, 2, 8, 64]) {
    const budget = memoryBudget(gigabytes);
    assert.ok(picturesThatFit(budget, bytes) * bytes <= budget && budget <= 600_000_000);
  }
  assert.equal(picturesThatFit(1, bytes), 3);
});

test("letters name the side that an edge points to", () => {
  const found = edges([1, 0, 0], [0, 1, 0]);
  assert.deepEqual(found, { right: "L", left: "R", bottom: "P", top: "A" });
  assert.equal(letters([0, 0, -1]), "F");
  assert.equal(letters([0.9, -0.4, 0]), "LA");
});

test("a line of a round length fits, and there is none for an unknown size", () => {
  assert.deepEqual(scaleLine(0.5, 250, "nl"), { pixels: 200, label: "10 cm" });
  assert.deepEqual(scaleLine(0.01, 250, "nl"), { pixels: 200, label: "2 mm" });
  for (const unknown of [0, -1, NaN]) assert.equal(scaleLine(unknown, 250, "nl"), undefined);
});

test("windows are for CT, and lighter is lighter", () => {
  assert.equal(presetsFor("MR").length, 1);
  assert.deepEqual(rangeOf(PRESETS[1]!), { lower: -1350, upper: 150 });
  assert.deepEqual(adjusted({ lower: 0, upper: 100 }, 0.1, 0), { lower: -10, upper: 90 });
  const sharper = adjusted({ lower: 0, upper: 100 }, 0, 0.5);
  assert.ok(sharper.upper - sharper.lower < 100);
});

test("two series go along by millimetres, or by count when one does not tell its places", () => {
  const thick = [30, 20, 10, 0];
  const thin = [130, 125, 120, 115, 110, 105, 100];
  assert.equal(follow({ places: thick, before: 0, now: 1 }, { places: thin, at: 0 }), 2);
  assert.equal(linkOf(thick, [undefined, undefined]), "count");
  assert.equal(follow({ places: thick, before: 0, now: 3 }, { places: [undefined, undefined], at: 0 }), 1);
});

test("sizes of nothing are left out and palettes become numbers", () => {
  const made = sound({
    "00280030": { vr: "DS", Value: [0, 0] },
    "00281201": { vr: "OW", InlineBinary: btoa("\x01\x02\xff\x00") },
  });
  assert.equal(made["00280030"], undefined);
  assert.deepEqual(made["00281201"]?.Value, [513, 255]);
});

test("a report says all of its texts, and names what is not text", () => {
  const code = (text: string) => ({ vr: "SQ", Value: [{ "00080104": { vr: "LO", Value: [text] } }] });
  const item = (kind: string, name: string, more: Attributes = {}): Attributes => ({
    "0040A040": { vr: "CS", Value: [kind] }, "0040A043": code(name), ...more,
  });
  const report: Attributes = {
    "0040A730": { vr: "SQ", Value: [
      item("TEXT", "Conclusie", { "0040A160": { vr: "UT", Value: ["<b>niets</b>"] } }),
      item("SCOORD", "Gebied"),
      item("IMAGE", "Beeld"),
    ] },
  };
  assert.deepEqual(lines(report), [
    { depth: 1, name: "Conclusie", value: "<b>niets</b>" },
    { depth: 1, name: "Gebied", value: "", isMissing: true },
  ]);
});

test("blanks are filled in, and an unknown one stays to be seen", () => {
  assert.equal(filled("Beeld {n} van {total}, {x}", { n: 1, total: 2 }), "Beeld 1 van 2, {x}");
});
