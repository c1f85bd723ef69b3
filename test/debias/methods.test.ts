/** @file Every method through one door: what it changes, what it needs, what it refuses. */
import { describe, expect, test } from "vitest";
import { applyEach, toAffineEach } from "../../src/debias/compose.ts";
import { debiasClassTexts, type DebiasData, debiasImages } from "../../src/debias/debiaser.ts";
import { unitRows } from "../../src/run/linalg/embeddings.ts";
import { debiaserFromJSON, debiaserToJSON } from "../../src/debias/debiaser-json.ts";
import type { Embeddings } from "../../src/debias/embeddings.ts";
import { apply } from "../../src/debias/eraser.ts";
import { erasers } from "../../src/debias/erasers.ts";
import { meansAsPrompts } from "../../src/debias/prompts/means-as-prompts.ts";
import { candidates, fitDebiaser, type MethodName, methods } from "../../src/debias/methods.ts";
import { fitLogistic, predict } from "../../src/eval/probes/logistic.ts";
import { classMeans, dot } from "../../src/run/linalg/products.ts";
import { random } from "../../src/run/random.ts";
import { faces, maxDifference } from "./tensors.ts";

const names = Object.keys(methods) as MethodName[];
const data = faces(400, 24, "methods");
const texts = data.prompts[0]!.classes;

/** Largest distance between a class mean and the first class's, in any coordinate. */
function meanSpread(rows: Embeddings, labels: Int32Array): number {
  const { means } = classMeans(rows, labels, Math.max(...labels) + 1);
  return Math.max(...means.map((value, i) => Math.abs(value - means[i % rows.d]!)));
}

describe.each(names)("%s", (name) => {
  const debiaser = fitDebiaser(name, data);

  test("changes the sides that it says, and no others", () => {
    const { sides } = methods[name];
    const same = (after: Embeddings, before: Embeddings) => maxDifference(after.x, before.x) < 1e-6;
    expect(same(debiasImages(debiaser, data.images), data.images)).toBe(sides === "text");
    expect(same(debiasClassTexts(debiaser, texts), texts)).toBe(sides === "image");
  });

  test("rows are of unit length, or as long as the map leaves them", () => {
    const lengths = ({ x, n, d }: Embeddings) =>
      Array.from({ length: n }, (_, row) => {
        const values = Float64Array.from(x);
        return Math.sqrt(dot(values, row * d, values, row * d, d));
      });
    for (const rows of [debiasImages(debiaser, data.images), debiasClassTexts(debiaser, texts)])
      for (const length of lengths(rows)) expect(length).toBeCloseTo(1, 12);
    const plain = fitDebiaser(name, data, { renormalise: false });
    const left = [
      ...lengths(debiasImages(plain, data.images)),
      ...lengths(debiasClassTexts(plain, texts)),
    ];
    expect(Math.max(...left.map((length) => Math.abs(length - 1)))).toBeGreaterThan(1e-3);
    expect(
      maxDifference(
        unitRows(debiasImages(plain, data.images)).x,
        debiasImages(debiaser, data.images).x,
      ),
    ).toBeLessThan(1e-12);
  });

  test("JSON brings every bit back", () => {
    const back = debiaserFromJSON(JSON.parse(JSON.stringify(debiaserToJSON(debiaser))));
    expect(back).toEqual(debiaser);
    expect(debiasImages(back, data.images).x).toEqual(debiasImages(debiaser, data.images).x);
    expect(debiasClassTexts(back, texts).x).toEqual(debiasClassTexts(debiaser, texts).x);
  });

  test("candidates come from one fit, gentlest first, the published strength among them", () => {
    const list = candidates(name, data);
    expect(list.map(({ debiaser: one }) => one)).toContainEqual(debiaser);
    const settings = list.map(({ setting }) => JSON.stringify(setting));
    expect(new Set(settings).size).toBe(settings.length);
    const moved = list.map(({ debiaser: one }) =>
      Math.max(
        maxDifference(applyEach(one.image, data.images).x, data.images.x),
        maxDifference(applyEach(one.text, texts).x, texts.x),
      ),
    );
    expect(moved[0]).toBeLessThanOrEqual(moved.at(-1)!);
  });

  test("touches neither what it is fitted on nor what it is applied to, and is frozen", () => {
    const before = [data.images.x.slice(), texts.x.slice()];
    const again = fitDebiaser(name, data);
    debiasImages(again, data.images);
    debiasClassTexts(again, texts);
    expect([data.images.x, texts.x]).toEqual(before);
    expect(Object.isFrozen(debiaser)).toBe(true);
  });

  test("a text at a time is the same as all of them, a row at a time too", () => {
    const all = debiasImages(debiaser, data.images);
    const one = { x: data.images.x.slice(24 * 7, 24 * 8), n: 1, d: 24 };
    expect(maxDifference(debiasImages(debiaser, one).x, all.x.slice(24 * 7, 24 * 8))).toBeLessThan(
      1e-14,
    );
  });

  test("runs on means of train rows where there are no texts, and the result is finite", () => {
    const without = { ...data, prompts: meansAsPrompts(data) };
    const fitted = fitDebiaser(
      name,
      without,
      methods[name].sides === "text" ? {} : { sides: "both" },
    );
    expect(debiasImages(fitted, data.images).x.every(Number.isFinite)).toBe(true);
    expect(debiasClassTexts(fitted, without.prompts[0]!.classes).x.every(Number.isFinite)).toBe(
      true,
    );
  });
});

describe("sides", () => {
  test("image, text or both, for every method that lets choose", () => {
    for (const name of names.filter((one) => one !== "bendvlm")) {
      const count = (sides: "image" | "text" | "both") => {
        const { image, text } = fitDebiaser(name, data, { sides });
        return [image.length, text.length];
      };
      const [both] = count("both");
      expect(both).toBeGreaterThan(0);
      expect([count("image"), count("text"), count("both")]).toEqual([
        [both, 0],
        [0, both],
        [both, both],
      ]);
    }
  });

  test("bendvlm has a text side alone", () => {
    expect(() => fitDebiaser("bendvlm", data, { sides: "both" })).toThrow(
      /bendvlm: sides: changes text embeddings alone, received both/,
    );
  });
});

describe("several concepts", () => {
  const labels = data.concepts;
  test.each(["leace", "mean-difference"] as const)(
    "%s: joint and sequential leave none",
    (name) => {
      for (const concept of labels) expect(meanSpread(data.images, concept)).toBeGreaterThan(0.02);
      const apart = { joint: 1, sequential: 2 };
      for (const together of ["joint", "sequential"] as const) {
        const { image } = fitDebiaser(name, data, { together });
        expect(image.length).toBe(apart[together]);
        const after = applyEach(image, data.images);
        for (const concept of labels) expect(meanSpread(after, concept)).toBeLessThan(1e-12);
      }
    },
  );

  test.each(["leace", "mean-difference"] as const)("%s: no linear probe finds any", (name) => {
    /** Share of rows that a logistic regression fitted on them gets right, and its largest weight. */
    const probe = (rows: Embeddings, concept: Int32Array) => {
      const model = fitLogistic(rows, concept, { tolerance: 1e-9 });
      const right = predict(model, rows).filter((label, row) => label === concept[row]).length;
      return {
        accuracy: right / rows.n,
        weight: maxDifference(
          model.weight,
          model.weight.map(() => 0),
        ),
      };
    };
    const after = applyEach(fitDebiaser(name, data).image, data.images);
    for (const concept of labels) {
      const constant = Math.max(
        ...[0, 1, 2].map((c) => concept.filter((label) => label === c).length / 400),
      );
      expect(probe(data.images, concept).accuracy).toBeGreaterThan(constant + 0.1);
      expect(probe(after, concept).accuracy).toBe(constant);
      expect(probe(after, concept).weight).toBeLessThan(1e-9);
    }
  });

  test("rows scaled to unit length can be told apart again: probes are fitted on what is used", () => {
    const after = debiasImages(fitDebiaser("leace", data), data.images);
    for (const concept of labels) expect(meanSpread(after, concept)).toBeGreaterThan(1e-4);
  });

  test("one concept alone leaves the other", () => {
    const { image } = fitDebiaser("leace", { ...data, concepts: [labels[0]!] });
    const after = applyEach(image, data.images);
    expect(meanSpread(after, labels[0]!)).toBeLessThan(1e-12);
    expect(meanSpread(after, labels[1]!)).toBeGreaterThan(0.02);
  });

  test("the joint rank is at most the sum of classes - 1", () => {
    for (const name of ["leace", "mean-difference"] as const)
      expect(fitDebiaser(name, data).image[0]!.k).toBe(1 + 2);
  });
});

test("erasers one after the other are one affine map", () => {
  const { image } = fitDebiaser("leace", data, { together: "sequential" });
  const { matrix, bias } = toAffineEach(image, 24);
  const after = applyEach(image, data.images).x;
  const row = data.images.x.slice(0, 24);
  const mapped = bias.map((value, i) => value + dot(row, 0, matrix, i * 24, 24));
  expect(maxDifference(mapped, after.slice(0, 24))).toBeLessThan(1e-13);
});

describe("what is missing is named", () => {
  const without = (change: Partial<DebiasData>, name: MethodName) => () =>
    fitDebiaser(name, { ...data, ...change });
  test("prompts", () => {
    for (const name of ["prompt-orth", "prompt-calibrated", "roboshot", "bendvlm"] as const)
      expect(without({ prompts: [] }, name)).toThrow(
        new RegExp(`${name}: expected prompts of each of 2 concepts, received 0; .*meansAsPrompts`),
      );
    const narrow = data.prompts.map((prompts) => ({
      ...prompts,
      classes: { x: new Float64Array(6), n: 3, d: 2 },
    }));
    expect(without({ prompts: narrow }, "roboshot")).toThrow(/prompts of 24 numbers.*received 2/);
  });
  test("pairs of candidate prompts", () => {
    const prompts = data.prompts.map((one) => ({
      ...one,
      candidates: { ...one.candidates, labels: one.candidates.labels.map(() => 0) },
    }));
    expect(without({ prompts }, "prompt-calibrated")).toThrow(/candidate prompts .* received none/);
  });
  test("concepts, labels and numbers", () => {
    expect(without({ concepts: [] }, "leace")).toThrow(/leace: expected at least one concept/);
    expect(without({ target: new Int32Array(3) }, "bendvlm")).toThrow(/one for each of 400 .* 3/);
    const x = random("nan").shuffle([...data.images.x]);
    x[50] = Number.NaN;
    const images = { ...data.images, x: Float64Array.from(x) };
    for (const name of ["leace", "mean-difference", "mi-drop", "bendvlm"] as const)
      expect(without({ images }, name)).toThrow(/row 2, column 2 is NaN/);
  });
  test("texts of another task", () => {
    const debiaser = fitDebiaser("bendvlm", data);
    expect(() => debiasClassTexts(debiaser, { ...texts, x: texts.x.slice(0, 24), n: 1 })).toThrow(
      /fitted for 2 classes, received texts of 1/,
    );
  });
  test("a damaged file", () => {
    const json = debiaserToJSON(fitDebiaser("leace", data));
    expect(() => debiaserFromJSON({ ...json, renormalise: 1 })).toThrow(/debiaser: renormalise/);
    expect(() => debiaserFromJSON({ ...json, image: [{ ...json.image[0], share: [] }] })).toThrow(
      /read: expected 0 rows/,
    );
    expect(() => debiaserFromJSON(null)).toThrow(/debiaser: value/);
  });
});

test("each round of inlp leaves a probe less, and where nothing tells the concept nothing is removed", () => {
  const [, concept] = data.concepts;
  const accuracy = (rounds: number): number => {
    const eraser = erasers.inlp.fit({ ...data.images, labels: concept! }, { rounds });
    const rows = apply(eraser, data.images);
    const predicted = predict(fitLogistic(rows, concept!), rows);
    return predicted.filter((label, row) => label === concept![row]).length / 400;
  };
  const [none, one, four] = [accuracy(0), accuracy(1), accuracy(4)];
  expect(one).toBeLessThan(none!);
  expect(four).toBeLessThan(one!);
  const constant = { x: new Float64Array(200).fill(0.5), n: 100, d: 2 };
  const labels = Int32Array.from({ length: 100 }, (_, row) => row % 2);
  expect(erasers.inlp.fit({ ...constant, labels }).k).toBe(0);
});
