/** @file Methods that texts fit: goldens of the published projections, and what each promises. */
import { describe, expect, test } from "vitest";
import { toAffineEach } from "../../src/debias/compose.ts";
import {
  debiasClassTexts,
  type DebiasData,
  debiasImages,
  type Prompts,
} from "../../src/debias/debiaser.ts";
import type { Embeddings } from "../../src/debias/embeddings.ts";
import { meansAsPrompts } from "../../src/debias/prompts/means-as-prompts.ts";
import { candidates, fitDebiaser } from "../../src/debias/methods.ts";
import { classMeans, dot } from "../../src/run/linalg/products.ts";
import { hasReference } from "../golden.ts";
import { faces, golden, maxDifference } from "./tensors.ts";

const data = faces(600, 24, "prompts");
const D = 24;
/** Matrix [D, D] that a method applies to texts, before scaling. */
const textMatrix = (...args: Parameters<typeof fitDebiaser>) =>
  toAffineEach(fitDebiaser(...args).text, D).matrix;

describe.skipIf(!hasReference)("goldens of the calibrated projection", async () => {
  if (!hasReference) return;
  const { f64 } = await golden("erasure", "erasure.safetensors");
  const each = Int32Array.from({ length: 8 }, (_, i) => i);
  const prompts: Prompts = {
    spurious: { x: f64("prompts.spurious"), n: 4, d: D, labels: each.slice(0, 4) },
    candidates: {
      x: f64("prompts.candidates"),
      n: 8,
      d: D,
      target: each.map((i) => Math.floor(i / 2)),
      labels: each.map((i) => i % 2),
    },
    classes: { x: f64("prompts.candidates").slice(0, 4 * D), n: 4, d: D },
    source: "texts",
  };
  const given: DebiasData = { ...data, concepts: [data.concepts[0]!], prompts: [prompts] };

  test("P0", () => {
    expect(maxDifference(textMatrix("prompt-orth", given), f64("prompts.P0"))).toBeLessThan(1e-8);
  });

  test.each([
    [10, 1e-8],
    [1000, 1e-7],
  ])("lambda %d", (lambda, atol) => {
    const found = candidates("prompt-calibrated", given).find(
      ({ setting }) => setting["lambda"] === lambda,
    )!;
    const { matrix } = toAffineEach(found.debiaser.text, D);
    expect(maxDifference(matrix, f64(`prompts.P_calibrated.lam${lambda}`))).toBeLessThan(atol);
  });

  test("queries, scaled to unit length", () => {
    const queries = { x: f64("prompts.queries"), n: 3, d: D };
    const { x } = debiasClassTexts(fitDebiaser("prompt-calibrated", given), queries);
    expect(maxDifference(x, f64("prompts.queries_debiased"))).toBeLessThan(1e-7);
  });
});

const cosine = (a: Embeddings, i: number, b: Embeddings, j: number): number =>
  dot(a.x, i * D, Float64Array.from(b.x), j * D, D);

describe("prompt-orth", () => {
  const { spurious } = data.prompts[1]!;
  const one = { ...data, concepts: [data.concepts[1]!], prompts: [data.prompts[1]!] };
  test("nothing of the prompts is left, and the projection is idempotent", () => {
    const plain = fitDebiaser("prompt-orth", one, { renormalise: false });
    const after = debiasClassTexts(plain, data.prompts[0]!.classes);
    for (let i = 0; i < 2; i++)
      for (let j = 0; j < spurious.n; j++) {
        expect(Math.abs(cosine(data.prompts[0]!.classes, i, spurious, j))).toBeGreaterThan(0.01);
        expect(cosine(after, i, spurious, j)).toBeCloseTo(0, 12);
      }
    expect(maxDifference(debiasClassTexts(plain, after).x, after.x)).toBeLessThan(1e-12);
  });

  test("collinear prompts remove no more than one does", () => {
    const twice = (rows: Embeddings): Embeddings => ({
      x: Float32Array.of(...rows.x, ...rows.x.map((v) => -3 * v)),
      n: 2 * rows.n,
      d: D,
    });
    const doubled = {
      ...one,
      prompts: [
        {
          ...one.prompts[0]!,
          spurious: { ...twice(spurious), labels: Int32Array.of(0, 1, 2, 0, 1, 2) },
        },
      ],
    };
    expect(fitDebiaser("prompt-orth", doubled).text[0]!.k).toBe(3);
    const [a, b] = [textMatrix("prompt-orth", doubled), textMatrix("prompt-orth", one)];
    expect(maxDifference(a, b)).toBeLessThan(1e-5);
  });

  test("concepts are taken together", () => {
    expect(fitDebiaser("prompt-orth", data).text[0]!.k).toBe(2 + 3);
  });
});

describe("prompt-calibrated", () => {
  test("a larger lambda brings candidates that differ in the concept closer", () => {
    const gap = ({ text }: { text: readonly Parameters<typeof toAffineEach>[0][number][] }) => {
      const { matrix } = toAffineEach(text, D);
      const { x, labels, target, n } = data.prompts[1]!.candidates;
      let worst = 0;
      for (let i = 0; i < n; i++)
        for (let j = 0; j < i; j++)
          if (target[i] === target[j] && labels[i] !== labels[j]) {
            const apart = Float64Array.from({ length: D }, (_, c) => x[i * D + c]! - x[j * D + c]!);
            for (let r = 0; r < D; r++)
              worst = Math.max(worst, Math.abs(dot(matrix, r * D, apart, 0, D)));
          }
      return worst;
    };
    const gaps = candidates("prompt-calibrated", data).map(({ debiaser }) => gap(debiaser));
    expect(gaps.length).toBe(4);
    gaps.slice(1).forEach((value, i) => expect(value).toBeLessThan(gaps[i]!));
    expect(gaps[3]).toBeLessThan(0.2 * gaps[0]!);
  });
});

describe("roboshot", () => {
  const plain = fitDebiaser("roboshot", data, { renormalise: false });
  test("rejects differences of the concept's texts, then doubles those of the task's", () => {
    const [reject, accept] = plain.image;
    const rejected = debiasImages({ ...plain, image: [reject!] }, data.images);
    const after = debiasImages(plain, data.images);
    const [a, b] = [data.prompts[0]!.spurious.x, data.prompts[0]!.classes.x];
    const harmful = Float64Array.from({ length: D }, (_, j) => a[j]! - a[D + j]!);
    const helpful = Float64Array.from({ length: D }, (_, j) => b[j]! - b[D + j]!);
    for (let row = 0; row < 20; row++) {
      expect(dot(rejected.x, row * D, harmful, 0, D)).toBeCloseTo(0, 12);
      expect(dot(after.x, row * D, helpful, 0, D)).toBeCloseTo(
        2 * dot(rejected.x, row * D, helpful, 0, D),
        12,
      );
    }
    expect([reject!.k, accept!.k]).toEqual([1 + 2, 1]);
    expect(candidates("roboshot", data).length).toBe(1);
  });
});

describe("bendvlm", () => {
  const { classes } = data.prompts[0]!;
  const rows = { ...data.images, x: Float64Array.from(data.images.x) };

  /** Largest difference between a class text's mean similarities to reference images of the concept's classes. */
  function unequal(texts: Embeddings, isReference: (row: number, c: number) => boolean): number {
    let worst = 0;
    for (let c = 0; c < texts.n; c++)
      for (const labels of data.concepts) {
        const count = Math.max(...labels) + 1;
        const kept = labels.map((label, row) => (isReference(row, c) ? label : count));
        const { means } = classMeans(rows, kept, count + 1);
        const similar = Array.from({ length: count }, (_, a) =>
          dot(means, a * D, Float64Array.from(texts.x), c * D, D),
        );
        worst = Math.max(worst, Math.max(...similar) - Math.min(...similar));
      }
    return worst;
  }
  const ofClass = (row: number, c: number) => data.target[row] === c;

  test("a class's text is equally similar to each concept class's images, which it was not", () => {
    const after = debiasClassTexts(fitDebiaser("bendvlm", data), classes);
    expect(unequal(classes, ofClass)).toBeGreaterThan(0.02);
    expect(unequal(after, ofClass)).toBeLessThan(1e-12);
  });

  test("of all unit vectors with equal similarities it is the closest to the text of step 1", () => {
    const fitted = fitDebiaser("bendvlm", data);
    const [local, equal] = fitted.classText![0]!;
    const text = { x: classes.x.slice(0, D), n: 1, d: D };
    const { x: start } = debiasClassTexts({ ...fitted, classText: [[local!]] }, text);
    const { x: best } = debiasClassTexts({ ...fitted, classText: [[local!, equal!]] }, text);
    const near = dot(start, 0, Float64Array.from(best), 0, D);
    // any other unit vector that meets the condition: a small step within the complement, scaled back
    for (let j = 0; j < D; j++) {
      const step = { x: best.slice(), n: 1, d: D };
      step.x[j]! += 0.05;
      const { x: other } = debiasClassTexts({ ...fitted, classText: [[equal!]] }, step);
      expect(dot(start, 0, Float64Array.from(other), 0, D)).toBeLessThanOrEqual(near + 1e-12);
    }
  });

  test("neighbours: over the most similar images of each concept class", () => {
    const near = fitDebiaser("bendvlm", data, { neighbours: 20 });
    expect(near).not.toEqual(fitDebiaser("bendvlm", data));
    expect(() => fitDebiaser("bendvlm", data, { neighbours: 0 })).toThrow(
      /neighbours: expected a whole number above 0, received 0/,
    );
    const texts = debiasClassTexts(
      { ...near, classText: near.classText!.map(([local]) => [local!]) },
      classes,
    );
    const similarity = (row: number, c: number) => cosine(rows, row, texts, c);
    const all = [...data.target.keys()];
    const closest = (c: number, labels: Int32Array) =>
      [0, 1, 2].flatMap((a) =>
        all
          .filter((row) => labels[row] === a)
          .sort((i, j) => similarity(j, c) - similarity(i, c))
          .slice(0, 20),
      );
    const labels = data.concepts[1]!;
    const after = debiasClassTexts(near, classes);
    for (let c = 0; c < 2; c++) {
      const kept = new Set(closest(c, labels));
      const { means } = classMeans(
        rows,
        labels.map((label, row) => (kept.has(row) ? label : 3)),
        4,
      );
      const similar = [0, 1, 2].map((a) => dot(means, a * D, Float64Array.from(after.x), c * D, D));
      expect(Math.max(...similar) - Math.min(...similar)).toBeLessThan(1e-12);
    }
  });

  test("a cell without rows sets no condition, and three rows do", () => {
    const concept = data.concepts[1]!.map((label, row) =>
      label === 2 && data.target[row] === 0 ? 1 : label,
    );
    let left = 3;
    const rare = concept.map((label) => (label === 2 && left-- <= 0 ? 1 : label));
    const one = { ...data, concepts: [rare], prompts: [data.prompts[1]!] };
    const { classText } = fitDebiaser("bendvlm", one);
    expect(classText!.map(([, equal]) => equal!.k)).toEqual([1, 2]);
  });
});

describe("means of train rows as prompts", () => {
  const [, prompts] = meansAsPrompts(data);
  test("one per concept class, per target class and per cell with rows, of unit length", () => {
    expect(prompts!.source).toBe("means");
    expect([...prompts!.spurious.labels]).toEqual([0, 1, 2]);
    expect(prompts!.classes.n).toBe(2);
    expect([...prompts!.candidates.target]).toEqual([0, 0, 0, 1, 1, 1]);
    expect([...prompts!.candidates.labels]).toEqual([0, 1, 2, 0, 1, 2]);
    for (const rows of [prompts!.spurious, prompts!.classes, prompts!.candidates])
      for (let i = 0; i < rows.n; i++) expect(cosine(rows, i, rows, i)).toBeCloseTo(1, 12);
    const { means } = classMeans(data.images, data.target, 2);
    const mean = { x: means, n: 2, d: D };
    expect(cosine(mean, 1, prompts!.classes, 1)).toBeCloseTo(
      Math.sqrt(cosine(mean, 1, mean, 1)),
      12,
    );
  });

  test("a cell without rows has none; a target class without rows is an error", () => {
    const target = data.target.map((label, row) => (data.concepts[0]![row] === 1 ? 0 : label));
    const [first] = meansAsPrompts({ ...data, target });
    expect([...first!.candidates.target]).toEqual([0, 0, 1]);
    expect([...first!.candidates.labels]).toEqual([0, 1, 0]);
    expect(() => meansAsPrompts({ ...data, target: data.target.map((t) => 2 * t) })).toThrow(
      /every target class, received none of class 1/,
    );
  });
});
