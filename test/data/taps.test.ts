/** @file Separable filters in vector instructions against the plain sums that Pillow writes. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Raster } from "../../src/data/raster.ts";
import { filter, makeTaps } from "../../src/data/taps.ts";
import { noiseImage } from "./images.ts";

interface Span {
  readonly low: number;
  readonly weights: readonly number[];
}

const fixedPoint = ({ weights }: Span): number[] => {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => {
    const scaled = (weight / total) * 2 ** 22;
    return Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
  });
};
const level = (sum: number): number => Math.min(255, Math.max(0, Math.floor(sum / 2 ** 22)));

/** `ImagingResampleHorizontal_8bpc`: out[x] = clip8((0.5 + sum of pixel times weight) >> 22). */
function columnsFiltered({ width, height, data }: Raster, spans: readonly Span[]): Raster {
  const out: number[] = [];
  const weights = spans.map(fixedPoint);
  for (let y = 0; y < height; y++)
    for (const [x, { low }] of spans.entries())
      for (let c = 0; c < 3; c++)
        out.push(
          level(
            weights[x]!.reduce(
              (sum, weight, k) => sum + weight * data[(y * width + low + k) * 3 + c]!,
              2 ** 21,
            ),
          ),
        );
  return { width: spans.length, height, data: Uint8Array.from(out) };
}

/** Columns for rows. */
function turned({ width, height, data }: Raster): Raster {
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) out[(x * height + y) * 3 + c] = data[(y * width + x) * 3 + c]!;
  return { width: height, height: width, data: out };
}

/** Kernels with negative lobes whose weights sum to something far from 0, anywhere within `length`. */
const spansOf = (length: number): fc.Arbitrary<Span[]> =>
  fc.array(
    fc.integer({ min: 0, max: length - 1 }).chain((low) =>
      fc.record({
        low: fc.constant(low),
        weights: fc
          .array(fc.double({ min: -0.2, max: 0.3, noNaN: true }), {
            minLength: 0,
            maxLength: Math.min(20, length - low - 1),
          })
          .map((others) => [1 + others.length / 5, ...others]),
      }),
    ),
    { minLength: 1, maxLength: 40 },
  );

const cases = fc
  .record({ width: fc.integer({ min: 1, max: 50 }), height: fc.integer({ min: 1, max: 50 }) })
  .chain(({ width, height }) =>
    fc.record({
      image: fc.nat(1e6).map((seed) => noiseImage(width, height, seed)),
      columns: spansOf(width),
      // as resizing and blurring have it: the input moves down with the output
      rows: spansOf(height).map((spans) => spans.toSorted((a, b) => a.low - b.low)),
    }),
  );

test("any filter of any size has the bits of the plain sums", () => {
  fc.assert(
    fc.property(cases, ({ image, columns, rows }) => {
      const plain = turned(columnsFiltered(turned(columnsFiltered(image, columns)), rows));
      const { width, height } = image;
      const fast = filter(image, makeTaps(columns, width), makeTaps(rows, height), {
        left: 0,
        top: 0,
        width: columns.length,
        height: rows.length,
      });
      expect(fast).toEqual(plain);
    }),
    { numRuns: 300 },
  );
});
