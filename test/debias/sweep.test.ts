/** @file The study's projection experiment on a planted concept: pairs find it, centring each class on itself does not. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cellDifferences } from "../../src/debias/sweep/cell-differences.ts";
import type { Embeddings } from "../../src/debias/embeddings.ts";
import { matchedDifferences } from "../../src/debias/prompts/differences.ts";
import { unitRows } from "../../src/run/linalg/embeddings.ts";
import { apply, withStrength } from "../../src/debias/eraser.ts";
import { predictOverImages, predictOverTexts } from "../../src/debias/sweep/softmax-axis.ts";
import { fitSubspace } from "../../src/debias/sweep/subspace.ts";
import {
  type Fit,
  type Worth,
  fitAll,
  logitsOf,
  rankOf,
  studyK,
  sweep,
} from "../../src/debias/sweep/sweep.ts";
import { random } from "../../src/run/random.ts";
import { dot } from "../../src/run/linalg/products.ts";
import { CONCEPT, D, MODALITY, plantedClassTexts, plantedImages, plantedTexts } from "./planted.ts";

const fits = fitAll({ images: plantedImages(100, 0), texts: plantedTexts(100, 0) });
const fitOf = (centring: string, modality: string): Fit =>
  fits.find((fit) => fit.centring === centring && fit.modality === modality)!;

const validation = plantedImages(400, 1);
const rows = { images: validation, classTexts: plantedClassTexts() };

/** Accuracy, and the larger of the TPR and FPR gaps between the two classes of the concept. */
function judge(predicted: Int32Array): Worth {
  const { labels, target } = validation;
  const rate = (concept: number, truth: number): number => {
    const of = [...labels.keys()].filter((i) => labels[i] === concept && target[i] === truth);
    return of.filter((i) => predicted[i] === 1).length / of.length;
  };
  const right = target.filter((truth, i) => truth === predicted[i]).length;
  return {
    accuracy: right / target.length,
    gap: Math.max(...[0, 1].map((truth) => Math.abs(rate(0, truth) - rate(1, truth)))),
  };
}

describe("what each centring finds", () => {
  test.each(["pooled", "separate"])(
    "%s: pairs hold the difference of class means at k = 1, class centring misses it",
    (modality) => {
      expect(fitOf("pairs", modality).image.signal![0]).toBeGreaterThan(0.99);
      expect(fitOf("class", modality).image.signal![0]).toBeLessThan(0.05);
    },
  );

  test("of pooled rows the first class-centred direction is image against text", () => {
    const { read } = fitOf("class", "pooled").image.eraser;
    expect(Math.abs(read[MODALITY]!)).toBeGreaterThan(0.99);
    expect(Math.abs(fitOf("pairs", "pooled").image.eraser.read[CONCEPT]!)).toBeGreaterThan(0.99);
  });

  test("explained variance is a share that falls, and sums to 1", () => {
    for (const fit of fits)
      for (const { eraser, signal } of [fit.image, fit.text]) {
        const { share } = eraser;
        expect(share.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
        share.forEach((value, k) => {
          expect(value).toBeLessThanOrEqual(share[k - 1] ?? 1);
          expect(signal![k]).toBeGreaterThanOrEqual(signal![k - 1] ?? 0);
          expect(signal![k]).toBeLessThanOrEqual(1);
        });
      }
  });

  test("directions are orthonormal, so that alpha 1 is a projection", () => {
    for (const { image } of fits) {
      const { read, share } = image.eraser;
      for (let a = 0; a < share.length; a++)
        for (let b = 0; b <= a; b++)
          expect(dot(read, a * D, read, b * D, D)).toBeCloseTo(a === b ? 1 : 0, 9);
    }
  });

  test("alpha 0 changes nothing, 1 leaves nothing of V and is idempotent, 2 reflects", () => {
    for (const { image, text } of fits)
      for (const [{ eraser }, of] of [
        [image, validation],
        [text, plantedTexts(50, 1)],
      ] as const) {
        const k = 3;
        const x = Float64Array.from(of.x);
        const at = (alpha: number, from = x) =>
          apply(withStrength(eraser, { alpha, k }), { x: from, n: of.n, d: D }).x;
        const on = (from: ArrayLike<number>, row: number, v: number) =>
          dot(Float64Array.from(from), row * D, eraser.read, v * D, D);
        const [none, removed, reflected] = [at(0), at(1), at(2)];
        expect(none).toEqual(x);
        const again = at(1, Float64Array.from(removed));
        for (let i = 0; i < x.length; i++) expect(again[i]).toBeCloseTo(removed[i]!, 9);
        for (const row of [0, 7, of.n - 1])
          for (let v = 0; v < k; v++) {
            expect(Math.abs(on(removed, row, v))).toBeLessThan(1e-5);
            expect(on(reflected, row, v)).toBeCloseTo(-on(x, row, v), 9);
          }
      }
  });

  test("equal class means have no signal to lose; no pairs is an error that says so", () => {
    const train = plantedImages(20, 0);
    const same = { ...train, x: train.x.map((_, i) => train.x[i % D]!) };
    expect(fitSubspace([same], "common").signal).toBeNull();
    const none = { ...train, differences: matchedDifferences(train, new Int32Array(train.n)) };
    expect(() => fitSubspace([none], "pairs")).toThrow(/no two rows differ/);
  });
});

test("means of cells hold the concept where single images of a cell differ in more", () => {
  const { labels, target, ...rows } = plantedImages(100, 0);
  const strangers = labels.map((label, row) => (Math.floor(row / 2) + label) % 100);
  const holds = (differences: Embeddings) =>
    fitSubspace([{ ...rows, labels, differences }], "pairs").signal![0]!;
  expect(holds(matchedDifferences(rows, labels, strangers))).toBeLessThan(0.9);
  const cells = cellDifferences({ ...rows, labels }, target);
  expect(cells.n).toBe(2);
  expect(holds(cells)).toBeGreaterThan(0.99);
});

test("the difference of one cell is that of the class means", () => {
  const x = Float64Array.from([1, 0, 3, 0, 0, 4]); // rows (1, 0), (3, 0) of class 0 and (0, 4) of class 1
  const labels = Int32Array.from([0, 0, 1]);
  const { x: found, n } = cellDifferences({ x, n: 3, d: 2, labels }, new Int32Array(3));
  expect([n, ...found]).toEqual([1, 2, -4]);
});

describe("the sweep", () => {
  const alphas = [0, 0.4, 1, 2];

  test("pairs at alpha 1 close the gap that class centring leaves open", () => {
    const at = (centring: string, k: number, alpha: number) =>
      sweep(fitOf(centring, "separate"), rows, { alphas: [alpha], ks: [k] }, judge)[0]!;
    const before = at("pairs", 1, 0);
    expect(before.gap).toBeGreaterThan(0.2);
    expect(at("pairs", 1, 1).gap).toBeLessThan(0.1);
    expect(at("pairs", 1, 1).accuracy).toBeGreaterThan(before.accuracy!);
    expect(at("class", 1, 1).gap).toBeGreaterThan(0.2);
  });

  test("every alpha at every k that was fitted, alpha 0 always the same", () => {
    const trials = sweep(fitOf("class", "pooled"), rows, { alphas, ks: [1, 5, D, 500] }, judge);
    expect(trials.map(({ k, alpha }) => [k, alpha])).toEqual(
      [1, 5, D].flatMap((k) => alphas.map((alpha) => [k, alpha])),
    );
    const untouched = trials.filter(({ alpha }) => alpha === 0);
    for (const trial of untouched)
      expect(trial).toMatchObject({ accuracy: untouched[0]!.accuracy });
    expect(rankOf(fitOf("class", "pooled"))).toBe(D);
  });

  test.each(["pooled", "separate"])(
    "%s: logits are those of rows that were really projected and scaled",
    (modality) => {
      const fit = fitOf("pairs", modality);
      for (const [k, alpha] of [
        [1, 0.4],
        [3, 1],
        [2, 2],
      ] as const) {
        const erase = (
          eraser: typeof fit.image.eraser,
          of: typeof rows.images | typeof rows.classTexts,
        ) =>
          unitRows(apply(withStrength(eraser, { alpha, k }), { ...of, x: Float64Array.from(of.x) }))
            .x;
        const [h, t] = [
          erase(fit.image.eraser, rows.images),
          erase(fit.text.eraser, rows.classTexts),
        ];
        const logits = logitsOf(fit, rows, k)(alpha);
        for (const i of [0, 17, 311])
          for (const c of [0, 1])
            expect(logits[2 * i + c]).toBeCloseTo(
              100 * dot(Float64Array.from(h), i * D, Float64Array.from(t), c * D, D),
              3, // unit rows are float32
            );
      }
    },
  );

  test("where all directions are removed nothing is left to decide by", () => {
    const fit = fitOf("common", "pooled");
    expect(Math.max(...logitsOf(fit, rows, rankOf(fit))(1).map(Math.abs))).toBe(0);
    expect(studyK(fit)).toBeLessThanOrEqual(D);
  });
});

describe("the axis of the softmax", () => {
  const logits = logitsOf(fitOf("class", "pooled"), rows, 1)(0.4);
  const [n, classes] = [validation.n, 2];
  const inOrder = [...Array(n).keys()];
  const shuffled = random("order").shuffle(inOrder);
  const changed = (a: Int32Array, b: Int32Array): number => a.filter((c, i) => c !== b[i]).length;

  test("over texts a prediction is its row's alone, whatever the batch and the order", () => {
    const all = predictOverTexts(logits, classes);
    for (const batch of [1, 4, 64])
      for (const order of [inOrder, shuffled])
        for (let from = 0; from < n; from += batch) {
          const of = order.slice(from, from + batch);
          const part = Float64Array.from(
            of.flatMap((row) => [logits[2 * row]!, logits[2 * row + 1]!]),
          );
          predictOverTexts(part, classes).forEach((c, i) => expect(c).toBe(all[of[i]!]));
        }
  });

  test("over images it depends on the batch and the order, and alone everybody is of the first class", () => {
    const four = predictOverImages(logits, classes, 4, inOrder);
    expect(changed(four, predictOverImages(logits, classes, 64, inOrder))).toBeGreaterThan(n / 50);
    expect(changed(four, predictOverImages(logits, classes, 4, shuffled))).toBeGreaterThan(n / 50);
    expect(predictOverImages(logits, classes, 1, inOrder).every((c) => c === 0)).toBe(true);
  });

  test("the argmax over texts is that of the softmax over texts", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 3, maxLength: 3 }),
        (row) => {
          const exps = row.map(Math.exp);
          const [picked] = predictOverTexts(Float64Array.from(row), 3);
          expect(exps[picked!]).toBe(Math.max(...exps));
        },
      ),
    );
  });
});
