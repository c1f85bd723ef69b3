import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  absentSpace,
  cosine,
  cosineSpace,
  groupPrompts,
} from "../../../src/explore/drift/similarities.ts";
import { STUDY_SPACES } from "../../../src/explore/drift/spaces.ts";
import { quadrupletsOf } from "../../../src/explore/drift/templates.ts";
import { unitRows } from "../../../src/run/linalg/embeddings.ts";
import { random } from "../../../src/run/random.ts";

const prompts = quadrupletsOf(
  ["a", "b"].map((activity) => ({ activity, category: null })),
  "document",
);
const quadruplets = groupPrompts(prompts);
const ids = prompts.map(({ id }) => id);
// neutral, young, middle, older of a; those of b
const x = new Float32Array([1, 0, 0, 2, 3, 4, -1, 0, 0, 1, 0, 3, 0, 0, 1, 1]);

describe("C000-08: cosine", () => {
  test("by hand; of zeros there is none", () => {
    expect(cosine([1, 0], [3, 4])).toBeCloseTo(0.6, 15);
    expect(cosine([0, 0], [3, 4])).toBeNull();
  });
  test("vectors of two lengths are an error, not cut", () => {
    expect(() => cosine([1, 2, 3], [1, 2])).toThrow(
      "expected two vectors of one length, received 3 and 2 numbers",
    );
  });
});

test("six pairs of each activity, by hand", () => {
  const { values, without, reason } = cosineSpace(quadruplets, STUDY_SPACES.prompt, {
    ids,
    x,
    n: 8,
    d: 2,
  });
  // neutral-young, neutral-middle, neutral-older, young-middle, young-older, middle-older
  const expected = [
    [0, 0.6, -1, 0.8, 0, -0.6],
    [1, null, Math.SQRT1_2, null, Math.SQRT1_2, null],
  ];
  expected.forEach((pairs, q) =>
    pairs.forEach((value, p) =>
      value === null
        ? expect(values[q]![p]).toBeNull()
        : expect(values[q]![p]).toBeCloseTo(value, 12),
    ),
  );
  expect(without).toEqual([]);
  expect(reason).toBeNull();
});

test("C000-22: rows are found by name: the order, and others among them, do not matter", () => {
  const whole = cosineSpace(quadruplets, STUDY_SPACES.prompt, { ids, x, n: 8, d: 2 });
  const order = random(7).shuffle([...ids.keys()]);
  const shuffled = cosineSpace(quadruplets, STUDY_SPACES.prompt, {
    ids: [...order.map((i) => ids[i]!), "another"],
    x: new Float32Array([...order.flatMap((i) => [x[2 * i]!, x[2 * i + 1]!]), 5, 5]),
    n: 9,
    d: 2,
  });
  expect(shuffled).toEqual(whole);
});

test("a prompt without a vector: its pairs are null, the others go on", () => {
  const { values, without } = cosineSpace(quadruplets, STUDY_SPACES.prompt, {
    ids: ids.slice(0, 7),
    x: x.slice(0, 14),
    n: 7,
    d: 2,
  });
  expect(without).toEqual(["b / older"]);
  expect(values[0]).not.toContain(null);
  expect(values[1]![0]).toBe(1);
  expect(values[1]![2]).toBeNull();
});

test("several pictures of a prompt: the mean over all pairs; pictures of no prompt are left out", () => {
  const owners = new Map([
    ["1.png", "a / neutral"],
    ["2.png", "a / neutral"],
    ["3.png", "a / young"],
  ]);
  const { values, reason } = cosineSpace(
    quadruplets,
    STUDY_SPACES.image,
    {
      ids: ["1.png", "2.png", "3.png", "4.png"],
      x: new Float32Array([1, 0, 0, 1, 3, 4, 9, 9]),
      n: 4,
      d: 2,
    },
    owners,
  );
  expect(values[0]![0]).toBeCloseTo(0.7, 12);
  expect(values[0]!.slice(1)).toEqual([null, null, null, null, null]);
  expect(reason).toBeNull();
});

test("C000-07: an absent space has a reason, and no number", () => {
  const { values, reason } = absentSpace(quadruplets, STUDY_SPACES.dino, "no encoder is called so");
  expect(values.flat().every((value) => value === null)).toBe(true);
  expect(reason).toBe("no encoder is called so");
  const none = cosineSpace(quadruplets, STUDY_SPACES.image, {
    ids: ["x"],
    x: new Float32Array([1, 2]),
    n: 1,
    d: 2,
  });
  expect(none.reason).toBe("no two pictures of a quadruplet are there");
});

test("errors: sizes, names, NaN, a prompt that is missing", () => {
  const of = (over: object) => () =>
    cosineSpace(quadruplets, STUDY_SPACES.prompt, { ids, x, n: 8, d: 2, ...over });
  expect(of({ d: 3 })).toThrow("expected 8 x 3 numbers, received 16");
  expect(of({ ids: ids.slice(1) })).toThrow("expected 8 different names of rows, received 7");
  expect(of({ ids: ids.map(() => "a") })).toThrow("received 1");
  expect(of({ x: x.map((value, i) => (i === 3 ? Number.NaN : value)) })).toThrow("row 1, column 1");
  expect(() => groupPrompts(prompts.slice(1))).toThrow(
    'prompts of "a": expected neutral, young, middle, older, received young, middle, older',
  );
});

test("C000-06: scaled to length one, norms are 1 within 1e-6, and cosines stay", () => {
  const number = fc.float({ min: -100, max: 100, noNaN: true });
  fc.assert(
    fc.property(fc.array(number, { minLength: 32, maxLength: 32 }), (numbers) => {
      const unit = unitRows({ x: new Float32Array(numbers), n: 2, d: 16 }).x;
      for (const row of [unit.subarray(0, 16), unit.subarray(16)]) {
        const norm = Math.hypot(...row);
        if (norm > 0) expect(Math.abs(norm - 1)).toBeLessThan(1e-6);
      }
      const [before, after] = [numbers, [...unit]].map((of) =>
        cosine(of.slice(0, 16), of.slice(16)),
      );
      if (before != null && after != null) expect(after).toBeCloseTo(before, 5);
    }),
  );
});
