import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { closePairs } from "../../src/data/close-pairs.ts";
import { Components } from "../../src/data/components.ts";
import { dhash, hammingDistance } from "../../src/data/dhash.ts";
import { toGrey } from "../../src/data/grey.ts";
import { nearDuplicates } from "../../src/data/duplicates.ts";
import { random } from "../../src/run/random.ts";
import { flatImage, noiseImage } from "./images.ts";

describe("difference hash", () => {
  test("the bits are the signs of the steps to the right, row by row, most significant first", () => {
    // 9 x 8 pixels stay as they are: brighter to the right in the first row, darker below, but for the last step of all
    const data = Uint8Array.from({ length: 72 }, (_, p) => {
      const [x, y] = [p % 9, Math.floor(p / 9)];
      if (y === 0) return 10 * x;
      return y === 7 && x === 8 ? 200 : 100 - 10 * x;
    });
    const grey = {
      width: 9,
      height: 8,
      data: Uint8Array.from({ length: 216 }, (_, i) => data[Math.floor(i / 3)]!),
    };
    expect(dhash(grey)).toBe("ff00000000000001");
  });

  test("grey is the luma that Pillow computes", () => {
    const pixels = {
      width: 4,
      height: 1,
      data: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 12, 200, 99),
    };
    // Image.fromarray(...).convert("L")
    expect([...toGrey(pixels).data]).toEqual([
      76, 76, 76, 150, 150, 150, 29, 29, 29, 132, 132, 132,
    ]);
  });

  test("distances count differing bits", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(0n, 2n ** 64n - 1n), (a, b) => {
        const hex = (value: bigint): string => value.toString(16).padStart(16, "0");
        const bits = [...(a ^ b).toString(2)].filter((bit) => bit === "1").length;
        expect(hammingDistance(hex(a), hex(b))).toBe(bits);
      }),
    );
  });
});

describe("close pairs", () => {
  test("are those that comparing all pairs finds", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 1, max: 5 }),
        fc.double({ min: 0, max: 0.6, noNaN: true }),
        fc.integer(),
        (count, dimensions, radius, seed) => {
          const source = random(seed);
          const points = Float32Array.from(
            { length: count * dimensions },
            () => Math.round(source.uniform() * 20) / 20,
          );
          const distance = (i: number, j: number): number => {
            const coordinates = Array.from(
              { length: dimensions },
              (_, d) => points[i * dimensions + d]! - points[j * dimensions + d]!,
            );
            return coordinates.reduce((total, gap) => total + gap * gap, 0);
          };
          const expected = new Set<string>();
          for (let i = 0; i < count; i++) {
            for (let j = i + 1; j < count; j++)
              if (distance(i, j) <= radius * radius) expected.add(`${i} ${j}`);
          }
          const found: string[] = [];
          closePairs(points, dimensions, radius, (i, j) =>
            found.push(`${Math.min(i, j)} ${Math.max(i, j)}`),
          );
          expect(found.length).toBe(new Set(found).size);
          expect(new Set(found)).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });
});

test("components are the groups that chains of joins make", () => {
  const components = new Components(7);
  for (const [i, j] of [
    [5, 1],
    [2, 3],
    [3, 5],
    [4, 4],
  ] as const)
    components.join(i, j);
  expect(components.groups()).toEqual([[1, 2, 3, 5]]);
});

describe("near-duplicates", () => {
  const print = (thumbnail: Uint8Array, hash = "0123456789abcdef") => ({
    sha256: Buffer.from(thumbnail).toString("hex"),
    dhash: hash,
    thumbnail,
    width: 32,
    height: 32,
  });
  const noise = (seed: number): Uint8Array => noiseImage(32, 32, seed).data.slice(0, 1024);
  const changed = (pixels: Uint8Array, share: number): Uint8Array => {
    const source = random("changed", share);
    return pixels.map((pixel) => (source.uniform() < share ? source.int(256) : pixel));
  };

  test("brightness and contrast do not hide them, another picture is none", () => {
    const a = noise(1);
    const paler = a.map((pixel) => 60 + pixel / 2);
    expect(
      nearDuplicates([
        print(a),
        print(noise(2)),
        print(paler),
        print(changed(a, 0.005)),
        print(changed(a, 0.2)),
      ]),
    ).toEqual([[0, 2, 3]]);
  });

  test("no pair above the limit is missed, none below is taken", () => {
    const correlation = (a: Uint8Array, b: Uint8Array): number => {
      const centred = [a, b].map((pixels) => {
        const mean = pixels.reduce((total, pixel) => total + pixel, 0) / pixels.length;
        return Array.from(pixels, (pixel) => pixel - mean);
      });
      const dot = (x: number[], y: number[]): number =>
        x.reduce((total, v, i) => total + v * y[i]!, 0);
      const [x, y] = [centred[0]!, centred[1]!];
      return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
    };
    // from 0.94 to 0.999, in small steps around the limit
    const a = noise(3);
    for (let share = 0.001; share < 0.06; share += 0.001) {
      const b = changed(a, share);
      const expected = correlation(a, b) > 0.98 ? [[0, 1]] : [];
      expect(nearDuplicates([print(a), print(b)])).toEqual(expected);
    }
  });

  test("pictures whose hashes differ in more than ten bits are none", () => {
    const a = noise(1);
    const b = changed(a, 0.005);
    expect(nearDuplicates([print(a, "0000000000000000"), print(b, "00000000000003ff")])).toEqual([
      [0, 1],
    ]);
    expect(nearDuplicates([print(a, "0000000000000000"), print(b, "00000000000007ff")])).toEqual(
      [],
    );
  });

  test("plain pictures are alike only if their bytes are", () => {
    const plain = (level: number) => print(flatImage(32, 32, level).data.slice(0, 1024));
    expect(nearDuplicates([plain(0), plain(200), plain(0)])).toEqual([[0, 2]]);
    expect(nearDuplicates([])).toEqual([]);
  });
});
