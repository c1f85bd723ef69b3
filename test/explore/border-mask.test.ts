/** @file The share of pixel variance inside and outside of the face. */
import { expect, test } from "vitest";
import { borderMask, FACE } from "../../src/explore/border-mask.ts";
import type { Embeddings } from "../../src/run/linalg/embeddings.ts";
import { random } from "../../src/run/random.ts";

/** n pictures of size x size, of a level for each pixel. */
function pictures(
  n: number,
  size: number,
  level: (picture: number, across: number, up: number) => number,
): Embeddings {
  const d = size * size;
  const x = Float32Array.from({ length: n * d }, (_, i) => {
    const pixel = i % d;
    return level(Math.floor(i / d), pixel % size, Math.floor(pixel / size));
  });
  return { x, n, d };
}

test("by hand: the corners differ three times as much as the centre", () => {
  const x = pictures(2, 3, (picture, across, up) => {
    if (across === 1 && up === 1) return picture; // variance 1/4
    return across === 0 && up === 0 ? picture * Math.sqrt(3) : 0.5;
  });
  const { inside, outside, pixelsInside } = borderMask(x, { across: 0.4, up: 0.4 });
  expect(inside).toBeCloseTo(0.25, 6);
  expect(outside).toBeCloseTo(0.75, 6);
  expect(pixelsInside).toBeCloseTo(5 / 9, 12); // the centre and its four neighbours
});

test("noise lies inside by the share of the pixels: half", () => {
  const draw = random("noise");
  const mask = borderMask(pictures(200, 32, () => draw.uniform()));
  expect(mask.ellipse).toEqual(FACE);
  expect(mask.pixelsInside).toBeCloseTo(0.5, 1);
  expect(mask.inside! + mask.outside!).toBeCloseTo(1, 12);
  expect(Math.abs(mask.inside! - mask.pixelsInside)).toBeLessThan(0.02);
});

test("a face before changing backgrounds, and changing faces before one background", () => {
  const isFace = (across: number, up: number): boolean =>
    Math.hypot((across - 15.5) / 10, (up - 15.5) / 12) < 1;
  const draw = random("faces");
  const levels = Array.from({ length: 20 }, () => draw.uniform());
  const of = (changes: boolean) =>
    borderMask(
      pictures(20, 32, (picture, across, up) =>
        isFace(across, up) === changes ? levels[picture]! : 0.5,
      ),
    );
  expect(of(true).outside).toBe(0);
  expect(of(false).outside!).toBeGreaterThan(0.7);
});

test.each([
  [1, "one picture has no variance"],
  [5, "the pictures are identical"],
])("%i alike: no shares, and why", (n, reason) => {
  expect(borderMask(pictures(n, 8, (_, across) => across / 8))).toMatchObject({
    inside: null,
    outside: null,
    reason,
  });
});

test("what is no square picture is refused", () => {
  expect(() => borderMask({ x: new Float32Array(20), n: 2, d: 10 })).toThrow(
    "pixels of square pictures, received embeddings of 10 numbers",
  );
});
