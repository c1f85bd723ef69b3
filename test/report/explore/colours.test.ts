/** @file Labels keep their looks, and no two labels look alike. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { marksOf, PALETTE, UNLABELLED } from "../../../src/report/explore/colours.ts";

const looks = (labels: readonly string[]): string[] =>
  marksOf(labels).map(({ colour, marker }) => `${colour} ${marker}`);

describe("marks of labels", () => {
  test.each([2, 10, 20, 30, 40, 120])("%i labels look different", (n) => {
    const labels = Array.from({ length: n }, (_, i) => `face${i}`);
    expect(new Set(looks(labels)).size).toBe(n);
    expect(looks(labels)).not.toContain(`${UNLABELLED.colour} ${UNLABELLED.marker}`);
  });

  test("a label's mark does not depend on the order in which labels come", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 50 }), (labels) => {
        const straight = looks(labels);
        expect(looks([...labels].reverse())).toEqual(straight.reverse());
      }),
    );
  });

  test("numbers are in their order: ten clusters are the first ten colours", () => {
    const clusters = Array.from({ length: 12 }, (_, i) => String(i));
    expect(marksOf(clusters).map(({ colour }) => colour)).toEqual(PALETTE.slice(0, 12));
  });

  test("age groups of prompts look as in the study", () => {
    expect(marksOf(["older", "middle", "young", "neutral"]).map(({ marker }) => marker)).toEqual([
      "circle",
      "square",
      "triangle",
      "diamond",
    ]);
    const strongest = marksOf(["older", "middle-aged", "young"]).map(({ colour }) =>
      [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)),
    );
    expect(strongest.map((rgb) => rgb.indexOf(Math.max(...rgb)))).toEqual([2, 1, 0]); // blue, green, red
    expect(marksOf(["young", "unknown"])[1]).toEqual(UNLABELLED);
    expect(marksOf(["young", "old"])[0]).not.toEqual(marksOf(["young"])[0]); // other labels among them
  });
});

test("colours of the palette lie apart, and apart from grey", () => {
  const all = [...PALETTE, UNLABELLED.colour].map(oklab);
  const nearest = all.flatMap((a, i) =>
    all.slice(i + 1).map((b) => Math.hypot(...a.map((value, axis) => value - b[axis]!))),
  );
  expect(Math.min(...nearest)).toBeGreaterThan(0.1);
});

/** Ottosson 2020. */
function oklab(colour: string): number[] {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const level = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}
