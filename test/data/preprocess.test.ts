/** @file Resizing, cropping and normalising against Pillow and transformers. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeImage } from "../../src/data/decode.ts";
import { pixelNormalizer, resizeAndCrop } from "../../src/data/preprocess.ts";
import { resize } from "../../src/data/resize.ts";
import { clipImageProcessor } from "../../src/model/image-processor.ts";
import { hasReference, reference } from "../golden.ts";
import { flatImage, noiseImage } from "./images.ts";

interface Case {
  readonly resized_cropped: string;
  readonly decoded_rgb: string;
  readonly normalised: {
    readonly mean_per_channel: readonly number[];
    readonly std_per_channel: readonly number[];
    readonly min: number;
    readonly max: number;
    readonly first_row_first_8: readonly (readonly number[])[];
    readonly centre_112_112: readonly number[];
  };
}

const spec = clipImageProcessor(224);
const PLANE = 224 * 224;

describe.skipIf(!hasReference)("CLIP's image processor", () => {
  const images: Readonly<Record<string, Case>> = hasReference
    ? JSON.parse(readFileSync(reference("preprocess", "golden.json"), "utf8")).images
    : {};

  describe.each(Object.entries(images))("%s", (name, golden) => {
    test("the file becomes the same 224 x 224 pixels", async () => {
      const image = await decodeImage(reference("preprocess", name), { upright: false });
      const expected = await decodeImage(reference("preprocess", golden.resized_cropped));
      expect(Buffer.compare(resizeAndCrop(image, spec).data, expected.data)).toBe(0);
    });

    test("and the same normalised values", async () => {
      const image = await decodeImage(reference("preprocess", golden.decoded_rgb));
      const pixels = new Float32Array(3 * PLANE);
      pixelNormalizer(spec)(resizeAndCrop(image, spec), pixels, 0);
      const { normalised } = golden;
      for (let c = 0; c < 3; c++) {
        const plane = pixels.subarray(c * PLANE, (c + 1) * PLANE);
        const mean = plane.reduce((sum, value) => sum + value, 0) / PLANE;
        const square = plane.reduce((sum, value) => sum + (value - mean) ** 2, 0) / PLANE;
        expect(Math.abs(mean - normalised.mean_per_channel[c]!)).toBeLessThan(2e-6);
        expect(Math.abs(Math.sqrt(square) - normalised.std_per_channel[c]!)).toBeLessThan(2e-6);
        normalised.first_row_first_8[c]!.forEach((value, x) =>
          expect(Math.abs(plane[x]! - value)).toBeLessThan(2e-6),
        );
        const centre = plane[112 * 224 + 112]!;
        expect(Math.abs(centre - normalised.centre_112_112[c]!)).toBeLessThan(2e-6);
      }
      const least = pixels.reduce((low, value) => Math.min(low, value), Infinity);
      const most = pixels.reduce((high, value) => Math.max(high, value), -Infinity);
      expect(Math.abs(least - normalised.min)).toBeLessThan(2e-6);
      expect(Math.abs(most - normalised.max)).toBeLessThan(2e-6);
    });
  });

  test("upright pictures", async () => {
    const image = await decodeImage(reference("preprocess", "exif6.jpg"));
    const expected = await decodeImage(reference("preprocess", "exif6.upright.224.png"));
    expect(Buffer.compare(resizeAndCrop(image, spec).data, expected.data)).toBe(0);
  });

  test("bilinear to 48 x 48", async () => {
    const image = await decodeImage(reference("preprocess", "face_200.rgb.png"));
    const expected = await decodeImage(reference("preprocess", "face_200.48_bilinear.png"));
    expect(Buffer.compare(resize(image, 48, 48, "bilinear").data, expected.data)).toBe(0);
    const small = resizeAndCrop(image, clipImageProcessor(48, "bilinear"));
    expect(Buffer.compare(small.data, expected.data)).toBe(0);
  });
});

const side = fc.integer({ min: 1, max: 40 });
const kernel = fc.constantFrom("bilinear" as const, "bicubic" as const);

describe("resize", () => {
  test("a flat image stays flat, whatever the sizes", () => {
    fc.assert(
      fc.property(side, side, side, side, kernel, fc.nat(255), (w, h, toW, toH, by, level) => {
        expect(resize(flatImage(w, h, level), toW, toH, by)).toEqual(flatImage(toW, toH, level));
      }),
    );
  });

  test("the same size is the same image", () => {
    fc.assert(
      fc.property(side, side, kernel, (w, h, by) => {
        const image = noiseImage(w, h);
        expect(resize(image, w, h, by)).toEqual(image);
      }),
    );
  });

  test("a window is that part of the whole", () => {
    const whole = resize(noiseImage(31, 23), 17, 40, "bicubic");
    const window = { left: 3, top: 11, width: 9, height: 20 };
    const part = resize(noiseImage(31, 23), 17, 40, "bicubic", window);
    for (let y = 0; y < 20; y++) {
      const start = ((y + 11) * 17 + 3) * 3;
      expect(part.data.subarray(y * 27, y * 27 + 27)).toEqual(
        whole.data.subarray(start, start + 27),
      );
    }
  });

  test("mirroring before is mirroring after", () => {
    const mirror = ({ width, height, data }: ReturnType<typeof noiseImage>) => ({
      width,
      height,
      data: data.map((_, i) => {
        const [p, c] = [Math.floor(i / 3), i % 3];
        const y = Math.floor(p / width);
        return data[(y * width + width - 1 - (p % width)) * 3 + c]!;
      }),
    });
    const image = noiseImage(20, 15);
    expect(resize(mirror(image), 8, 8, "bicubic")).toEqual(mirror(resize(image, 8, 8, "bicubic")));
  });
});

describe("crop", () => {
  const crop = (size: number, resizeTo: number | null) => ({
    ...clipImageProcessor(size),
    resize: resizeTo === null ? null : { shortestEdge: resizeTo },
  });

  test("the long edge is rounded down and the crop leans up and left", () => {
    const image = noiseImage(10, 15);
    const tall = resizeAndCrop(image, crop(4, 4)); // 4 x 6, rows 1 to 4
    const window = { left: 0, top: 1, width: 4, height: 4 };
    expect(tall).toEqual(resize(image, 4, 6, "bicubic", window));
    const odd = resizeAndCrop(noiseImage(5, 4), crop(2, null)); // left floor(3 / 2), top 1
    expect(odd).toEqual(
      resize(noiseImage(5, 4), 5, 4, "bicubic", { left: 1, top: 1, width: 2, height: 2 }),
    );
  });

  test("a smaller image gets a black border, the odd pixel above and left", () => {
    const { data } = resizeAndCrop(flatImage(2, 1, 200), crop(4, null));
    const levels = Array.from({ length: 16 }, (_, i) => data[i * 3]);
    expect(levels).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 200, 200, 0, 0, 0, 0, 0]);
  });

  test("an exact size ignores the aspect", () => {
    const image = noiseImage(9, 5);
    const exact = { ...crop(4, null), resize: { width: 4, height: 4 } };
    expect(resizeAndCrop(image, exact)).toEqual(resize(image, 4, 4, "bicubic"));
  });
});

const float = Math.fround;

test.each([1 / 255, 1 / 127.5])(
  "levels times %d normalise to the bits of NumPy's float32",
  (factor) => {
    const preprocess = { ...clipImageProcessor(1), rescaleFactor: factor };
    const { mean, std } = preprocess;
    for (const width of [1, 15, 16, 17, 255, 256]) {
      const image = {
        width,
        height: 3,
        data: Uint8Array.from({ length: width * 9 }, (_, i) => i + (i >> 8)),
      };
      const out = new Float32Array(width * 9 + 4).fill(7);
      pixelNormalizer(preprocess)(image, out, 2);
      // transformers: rescaled in float64 and rounded, then two steps in float32
      const expected = [0, 1, 2].flatMap((c) =>
        Array.from({ length: width * 3 }, (_, p) =>
          float(float(float(image.data[p * 3 + c]! * factor) - float(mean[c]!)) / float(std[c]!)),
        ),
      );
      expect([...out]).toEqual([7, 7, ...expected, 7, 7]);
    }
  },
);
