/** @file The projection experiment on rows: corrected beside published, chosen without a look at test. */
import { describe, expect, test } from "vitest";
import { SIDES } from "../../src/train/sweep/sweep.ts";
import { swapper } from "../../src/data/captions/swap.ts";
import { ConfigSchema } from "../../src/run/config/schema.ts";
import { genderedTexts, templateTexts, textRows } from "../../src/train/sweep/texts.ts";
import { D } from "../debias/planted.ts";
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

test("by default eleven strengths at several k, on validation", () => {
  const { alpha, k } = ConfigSchema.shape.sweep.parse({});
  expect(alpha).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.6, 1.8, 2]);
  expect(k).toContain(164);
  const [fit] = plantedSweep({ settings: ConfigSchema.shape.sweep.parse({}) }).fits;
  expect(fit!.trials).toHaveLength(11 * k.filter((of) => of <= D).length);
});

describe("texts of templates", () => {
  test("a pair a template, words for labels, {value} as often as it stands there", () => {
    const made = templateTexts(
      { templates: ["a {value}", "a {value} and a {value}"], words: { male: "man" } },
      ["male", "female"],
    );
    expect(made.texts).toEqual(["a man", "a female", "a man and a man", "a female and a female"]);
    expect([...made.labels]).toEqual([0, 1, 0, 1]);
    expect(made.pairs).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  test("of three classes every two are a pair", () => {
    const { pairs } = templateTexts({ templates: ["{value}", "a {value}"], words: {} }, [
      "a",
      "b",
      "c",
    ]);
    expect(pairs).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
      [3, 4],
      [3, 5],
      [4, 5],
    ]);
  });
});

describe("texts of captions", () => {
  const set = {
    source: "captions.tsv",
    captions: [
      ["a man on a roof", true, false],
      ["a woman on a roof", false, true],
      ["her hat is red", false, true],
      ["the couple on a roof", true, true],
      ["a worker", true, false],
    ].map(([text, male, female]) => ({
      text: String(text),
      male: male === true,
      female: female === true,
      pair: null,
    })),
    rejected: [{ id: "line 7", reason: "no text" }],
  };
  const of = (classes: readonly string[], perClass = 2) =>
    genderedTexts(set, perClass, swapper(), classes, 0);

  test("captions of one gender stand for the classes; those they are matched with only for pairs", () => {
    const { texts, labels, pairs, notes } = of(["Female", "Male"]);
    expect(texts.slice(0, 4).toSorted()).toEqual([
      "a man on a roof",
      "a woman on a roof",
      "a worker",
      "her hat is red",
    ]);
    expect([...labels]).toEqual([1, 1, 0, 0]);
    expect(texts.slice(4)).toEqual(["his hat is red"]);
    expect(pairs.map((pair) => pair.map((at) => texts[at])).toSorted()).toEqual([
      ["a man on a roof", "a woman on a roof"],
      ["his hat is red", "her hat is red"],
    ]);
    expect(notes.join()).toContain("1 records were left out; the first: line 7: no text.");
  });

  test("as rows: classes of the first ones, differences of pairs", () => {
    const made = of(["male", "female"]);
    const x = Float32Array.from({ length: made.texts.length * 2 }, (_, i) => i * i);
    const rows = textRows(x, made);
    expect({ n: rows.n, d: rows.d, labels: rows.labels }).toEqual({
      n: 4,
      d: 2,
      labels: made.labels,
    });
    const [a, b] = made.pairs[0]!;
    expect(Array.from(rows.differences.x.subarray(0, 2))).toEqual([
      x[2 * a]! - x[2 * b]!,
      x[2 * a + 1]! - x[2 * b + 1]!,
    ]);
  });

  test("classes that are no genders, too few captions, none that has a counterpart", () => {
    expect(() => of(["young", "old"])).toThrow("labels male and female, received young, old");
    expect(() => of(["male", "female", "other"])).toThrow("received male, female, other");
    expect(() => of(["male", "female"], 3)).toThrow("expected 3 captions that are male alone");
    const mute = { ...set, captions: set.captions.filter(({ text }) => !/man|her/.test(text)) };
    const both = [...mute.captions, { text: "a nurse", male: false, female: true, pair: null }];
    expect(() =>
      genderedTexts({ ...mute, captions: both }, 1, swapper(), ["male", "female"], 0),
    ).toThrow("sweep.texts.words");
  });
});
