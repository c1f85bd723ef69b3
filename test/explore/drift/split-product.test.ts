import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { groupPrompts } from "../../../src/explore/drift/similarities.ts";
import { STUDY_SPACES } from "../../../src/explore/drift/spaces.ts";
import {
  SPLIT_VARIANTS,
  splitProduct,
  splitSpace,
  type Tokens,
} from "../../../src/explore/drift/split-product.ts";
import { quadrupletsOf } from "../../../src/explore/drift/templates.ts";
import { random } from "../../../src/run/random.ts";

const tokens = (rows: readonly (readonly number[])[], leading = 1): Tokens => ({
  x: new Float32Array(rows.flat()),
  count: rows.length,
  width: rows[0]!.length,
  leading,
});

/** A class token and a grid of random patches. */
function picture(seed: number, side = 4, width = 12): number[][] {
  const next = random("patches", seed);
  return Array.from({ length: 1 + side * side }, () =>
    Array.from({ length: width }, () => next.normal()),
  );
}
const mirrored = ([first, ...patches]: number[][], side = 4): number[][] => [
  first!,
  ...patches.map((_, at) => patches[at - (at % side) + side - 1 - (at % side)]!),
];

describe("C000-09", () => {
  test.each(SPLIT_VARIANTS)("%s by hand", (variant) => {
    const [one, other] = [
      tokens([
        [0, 5],
        [1, 0],
        [1, 0],
      ]),
      tokens([
        [2, 0],
        [0, 1],
        [3, 4],
      ]),
    ];
    // cosines of tokens: [0 1 .8], [1 0 .6], [1 0 .6]; of patches: [0 .6], [0 .6]
    const expected = { "all-tokens": 1, patches: (0.6 + 0.3) / 2, matching: 0.6 };
    expect(splitProduct(one, other, variant)).toBeCloseTo(expected[variant], 12);
  });

  test("patches are compared both ways, all tokens one way", () => {
    const [one, other] = [tokens(picture(1)), tokens(picture(2))];
    expect(splitProduct(one, other)).toBeCloseTo(splitProduct(other, one)!, 12);
    expect(splitProduct(one, other, "all-tokens")).not.toBeCloseTo(
      splitProduct(other, one, "all-tokens")!,
      4,
    );
  });

  test("identical pictures: 1; a mirror image: 1 where any patch may match, less at the same place", () => {
    fc.assert(
      fc.property(fc.nat(10_000), (seed) => {
        const [whole, mirror] = [tokens(picture(seed)), tokens(mirrored(picture(seed)))];
        for (const variant of SPLIT_VARIANTS)
          expect(splitProduct(whole, whole, variant)).toBeCloseTo(1, 12);
        expect(splitProduct(whole, mirror, "all-tokens")).toBeCloseTo(1, 12);
        expect(splitProduct(whole, mirror, "patches")).toBeCloseTo(1, 12);
        expect(splitProduct(whole, mirror, "matching")).toBeLessThan(0.99);
      }),
      { numRuns: 50 },
    );
  });

  test("numbers of patches may differ, but not at the same place; widths may not", () => {
    const [small, large] = [tokens(picture(1, 2)), tokens(picture(1, 3))];
    expect(splitProduct(small, large)).toBeGreaterThan(0.5);
    expect(() => splitProduct(small, large, "matching")).toThrow(
      "expected as many patches in both pictures, received 4 and 9",
    );
    expect(() => splitProduct(small, tokens(picture(1, 2, 6)))).toThrow("received 12 and 6");
  });

  test("a token of zeros, or no patch: undefined", () => {
    expect(splitProduct(tokens([[1], [0]]), tokens([[1], [1]]))).toBeNull();
    expect(splitProduct(tokens([[1]]), tokens([[1]]))).toBeNull();
  });
});

test("quadruplets; pictures without tokens are null", async () => {
  const quadruplets = groupPrompts(
    quadrupletsOf([{ activity: "napping", category: null }], "document"),
  );
  const owners = new Map(
    ["neutral", "young", "middle", "older"].map((group) => [`${group}.png`, `napping / ${group}`]),
  );
  const { values, without } = await splitSpace(
    quadruplets,
    STUDY_SPACES.split,
    (id) => (id === "older.png" ? null : tokens(picture(id === "middle.png" ? 1 : 2))),
    owners,
  );
  expect(values[0]![0]).toBeCloseTo(1, 12);
  expect(values[0]![1]).toBeCloseTo(splitProduct(tokens(picture(2)), tokens(picture(1)))!, 12);
  expect(values[0]![2]).toBeNull();
  expect(without).toEqual(["napping / older"]);
});
