/** @file The projection experiment on rows: corrected beside published, chosen without a look at test. */
import { describe, expect, test } from "vitest";
import { SIDES } from "../../src/train/sweep/sweep.ts";
import { templateTexts } from "../../src/train/sweep/texts.ts";
import { plantedPart, plantedSweep } from "./sweeps.ts";

const result = plantedSweep();
const sideOf = (name: string) => result.sides.find((side) => side.name === name)!;

test("the corrected projection is fairer on test, the published one is not", () => {
  const [before, published, corrected] = ["nothing removed", SIDES.published, SIDES.corrected].map(
    sideOf,
  );
  expect(before!.test.gap.value).toBeGreaterThan(0.2);
  expect(corrected!.test.change!.gap.verdict).toBe("better");
  expect(corrected!.test.change!.accuracy.verdict).not.toBe("worse");
  expect(published!.test.change!.gap.verdict).not.toBe("better");
  expect(result.chosen).toMatchObject({
    setting: { centring: "pairs", modality: "separate", axis: "texts" },
    feasible: true,
  });
});

test("nothing is chosen on test: with every label of test turned round only test changes", () => {
  const { rows, embeddings } = plantedPart(200, 2);
  const flipped = rows.map((row) => ({
    ...row,
    labels: { ...row.labels, style: row.labels["style"] === "rounded" ? "angular" : "rounded" },
  }));
  const other = plantedSweep({ test: { rows: flipped, embeddings } });
  const withoutTest = ({ sides, ...rest }: typeof result) => ({
    ...rest,
    sides: sides.map(({ name, setting, validation }) => ({ name, setting, validation })),
  });
  expect(withoutTest(other)).toEqual(withoutTest(result));
  expect(other.sides[0]!.test.accuracy.value).toBeCloseTo(
    1 - result.sides[0]!.test.accuracy.value!,
    9,
  );
});

test("softmax over images depends on the batch, over texts on nothing", () => {
  expect(result.axis.map(({ changedOverTexts }) => changedOverTexts)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(Math.max(...result.axis.map(({ changed }) => changed))).toBeGreaterThan(0.02);
  expect(result.axis[0]).toMatchObject({
    batch: 1,
    firstClass: 1,
    accuracy: expect.closeTo(0.5, 1),
  });
});

test("every centring and modality is swept over every alpha and k that it has", () => {
  expect(result.fits.map(({ centring, modality }) => `${centring} ${modality}`)).toEqual(
    ["class", "pairs", "common"].flatMap((of) => [`${of} pooled`, `${of} separate`]),
  );
  for (const { trials } of result.fits) expect(trials).toHaveLength(4 * 3);
});

test("where the attribute is the target, the gap is the one between its classes, and it is said", () => {
  const same = plantedSweep({ attribute: "style" });
  expect(same.gap).toMatchObject({ metric: "class.tpr_gap", attribute: null });
  expect(same.notes.join()).toContain("removes the task");
});

describe("texts of templates", () => {
  test("a pair a template, words for labels, {value} as often as it stands there", () => {
    const made = templateTexts(
      { templates: ["a {value}", "a {value} and a {value}"], words: { male: "man" } },
      ["male", "female"],
    );
    expect(made.texts).toEqual(["a man", "a female", "a man and a man", "a female and a female"]);
    expect([...made.template]).toEqual([0, 0, 1, 1]);
    expect([...made.labels]).toEqual([0, 1, 0, 1]);
  });
});
