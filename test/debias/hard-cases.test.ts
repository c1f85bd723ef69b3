/** @file Data that methods meet in practice and papers leave out. */
import { describe, expect, test } from "vitest";
import { applyEach } from "../../src/debias/compose.ts";
import { debiasClassTexts, type DebiasData, debiasImages } from "../../src/debias/debiaser.ts";
import type { Embeddings } from "../../src/debias/embeddings.ts";
import { meansAsPrompts } from "../../src/debias/prompts/means-as-prompts.ts";
import { fitDebiaser, type MethodName, methods } from "../../src/debias/methods.ts";
import { overlap, overlapWarning } from "../../src/debias/overlap.ts";
import { classMeans } from "../../src/run/linalg/products.ts";
import { faces } from "./tensors.ts";

const names = Object.keys(methods) as MethodName[];
const byLabels = names.filter(
  (name) => methods[name].needs.includes("labels") && name !== "bendvlm",
);

function meanSpread(rows: Embeddings, labels: Int32Array): number {
  const { means, counts } = classMeans(rows, labels, Math.max(...labels) + 1);
  const deviations = means.map((value, i) => Math.abs(value - means[i % rows.d]!));
  return Math.max(...deviations.filter((_, i) => counts[Math.floor(i / rows.d)]! > 0));
}

const expectFinite = (name: MethodName, data: DebiasData) => {
  const debiaser = fitDebiaser(name, data);
  expect(debiasImages(debiaser, data.images).x.every(Number.isFinite)).toBe(true);
  const { classes } = data.prompts[0]!;
  expect(debiasClassTexts(debiaser, classes).x.every(Number.isFinite)).toBe(true);
};

describe("a concept with one class", () => {
  const data = faces(100, 12, "one class");
  test.each(byLabels)("%s says so", (name) => {
    const concepts = [data.concepts[0]!, new Int32Array(100)];
    expect(() => fitDebiaser(name, { ...data, concepts })).toThrow(
      /at least two classes .* received 1; check the attribute and the train split/,
    );
  });
  test("bendvlm has nothing to make equal and only takes the texts' part out", () => {
    const { classText } = fitDebiaser("bendvlm", {
      ...data,
      concepts: [new Int32Array(100)],
      prompts: [data.prompts[0]!],
    });
    expect(classText!.map(([, equal]) => equal!.k)).toEqual([0, 0]);
  });
});

describe("fewer rows than dimensions, and constant dimensions", () => {
  const wide = faces(14, 40, "few");
  const x = wide.images.x.slice();
  for (let row = 0; row < 14; row++) {
    x[row * 40 + 3] = 0.25;
    x[row * 40 + 7] = 0;
  }
  const data = { ...wide, images: { ...wide.images, x } };
  test.each(names)("%s stays finite, with texts or with means", (name) => {
    expectFinite(name, data);
    expectFinite(name, { ...data, prompts: meansAsPrompts(data) });
  });
  test.each(["leace", "mean-difference"] as const)("%s still makes the means equal", (name) => {
    const after = applyEach(fitDebiaser(name, data).image, data.images);
    for (const labels of data.concepts) {
      expect(meanSpread(data.images, labels)).toBeGreaterThan(0.01);
      expect(meanSpread(after, labels)).toBeLessThan(1e-12);
    }
  });
});

describe("a class of three rows", () => {
  const data = faces(5000, 8, "rare");
  const labels = data.concepts[0]!.map((label, row) => (row % 2000 === 0 ? 2 : label));
  test.each(["leace", "mean-difference"] as const)("%s erases it too", (name) => {
    expect(labels.filter((label) => label === 2).length).toBe(3);
    const one = { ...data, concepts: [labels] };
    const { image } = fitDebiaser(name, one);
    expect(image[0]!.k).toBe(2);
    expect(meanSpread(applyEach(image, data.images), labels)).toBeLessThan(1e-12);
  });
});

test("a number of a class without rows, between two that have some, is left out", () => {
  const data = faces(200, 8, "gap");
  const concepts = [data.concepts[0]!.map((label) => 2 * label)];
  for (const name of byLabels) {
    const { image } = fitDebiaser(name, { ...data, concepts });
    expect(applyEach(image, data.images).x.every(Number.isFinite)).toBe(true);
  }
  expect(fitDebiaser("leace", { ...data, concepts }).image[0]!.k).toBe(1);
});

test("a concept equal to the target: the task is erased, and the check says so before", () => {
  const data = faces(300, 12, "task");
  const concepts = [data.target.map((label) => 1 - label)];
  const found = overlap(concepts[0]!, data.target);
  expect(overlapWarning("sex", "gender", found)).toMatch(/erasing it erases the task itself/);
  const after = applyEach(fitDebiaser("leace", { ...data, concepts }).image, data.images);
  expect(meanSpread(data.images, data.target)).toBeGreaterThan(0.1);
  expect(meanSpread(after, data.target)).toBeLessThan(1e-12);
});

test("pairs are matched on target and other concepts where any are, else at random", () => {
  const data = faces(300, 12, "pairs");
  // where the concept decides the target no pair agrees in it
  const concepts = [data.target];
  expect(fitDebiaser("pca-pair", { ...data, concepts }).image[0]!.k).toBe(1);
  const given = { ...data, pairs: data.concepts.map(() => Int32Array.of(0, 1, 2, 3)) };
  expect(fitDebiaser("pca-pair", given)).not.toEqual(fitDebiaser("pca-pair", data));
});
