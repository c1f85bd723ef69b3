/** @file Decoding against Pillow's pixels, and files that are no good images. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import sharp from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { decodeImage } from "../../src/data/decode.ts";
import { EquiclipError } from "../../src/run/errors.ts";
import { hasReference, reference } from "../golden.ts";
import { flatImage, noiseImage, toSharp } from "./images.ts";

const folder = mkdtempSync(join(tmpdir(), "decode-"));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, data: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, data);
  return path;
};

interface Golden {
  readonly images: Readonly<Record<string, { readonly decoded_rgb: string }>>;
}

describe.skipIf(!hasReference)("Pillow's pixels", () => {
  const golden: Golden = hasReference
    ? JSON.parse(readFileSync(reference("preprocess", "golden.json"), "utf8"))
    : { images: {} };

  test.each(Object.entries(golden.images))("%s", async (name, { decoded_rgb: expected }) => {
    const image = await decodeImage(reference("preprocess", name), { upright: false });
    const pixels = await decodeImage(reference("preprocess", expected));
    expect([image.width, image.height]).toEqual([pixels.width, pixels.height]);
    expect(Buffer.compare(image.data, pixels.data)).toBe(0);
  });

  test("EXIF orientation is applied unless told otherwise", async () => {
    const image = await decodeImage(reference("preprocess", "exif6.jpg"));
    const upright = await decodeImage(reference("preprocess", "exif6.upright.rgb.png"));
    expect([image.width, image.height]).toEqual([180, 240]);
    expect(Buffer.compare(image.data, upright.data)).toBe(0);
  });
});

describe("other formats", () => {
  const image = noiseImage(13, 7);
  test.each([
    ["png", {}],
    ["webp", { lossless: true }],
    ["tiff", { compression: "lzw" }],
  ] as const)("lossless %s, from memory too", async (format, settings) => {
    const bytes = await toSharp(image).toFormat(format, settings).toBuffer();
    expect(await decodeImage(bytes)).toEqual(image);
    expect(await decodeImage(write(`image.${format}`, bytes))).toEqual(image);
  });

  test("one pixel", async () => {
    const path = write(
      "pixel.png",
      await toSharp(flatImage(1, 1, 77))
        .png()
        .toBuffer(),
    );
    expect([...(await decodeImage(path)).data]).toEqual([77, 77, 77]);
  });

  test("30 megapixels", async () => {
    const large = sharp({
      create: { width: 6000, height: 5000, channels: 3, background: "#406080" },
    });
    const image = await decodeImage(write("large.jpg", await large.jpeg().toBuffer()));
    expect([image.width, image.height]).toEqual([6000, 5000]);
    expect(image.data).toHaveLength(90_000_000);
  });
});

describe("bad files are named in one line", () => {
  const rejects = async (path: string, message: RegExp): Promise<void> => {
    const thrown: unknown = await decodeImage(path).catch((cause: unknown) => cause);
    expect(thrown).toBeInstanceOf(EquiclipError);
    expect(String(thrown)).toMatch(message);
    expect(String(thrown)).toContain(path);
    expect(String(thrown)).not.toContain("\n");
  };

  test("missing", () => rejects(join(folder, "nowhere.jpg"), /no such file/));
  test("a folder", () => rejects(folder, /cannot be read/));
  test("empty", () => rejects(write("empty.jpg", ""), /empty/));
  test("text", () => rejects(write("text.jpg", "this is a text file\n"), /not an image/));
  test("a drawing", () =>
    rejects(
      write("drawing.jpg", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      /received svg/,
    ));

  test("a JPEG cut anywhere is refused, not half grey", async () => {
    const jpeg = await toSharp(noiseImage(64, 64)).jpeg().toBuffer();
    for (const share of [0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99]) {
      const path = write("cut.jpg", jpeg.subarray(0, Math.floor(jpeg.length * share)));
      await rejects(path, /damaged or truncated/);
    }
  });

  test("damaged bytes give an image or an error of ours, never anything else", async () => {
    const jpeg = await toSharp(noiseImage(32, 32)).jpeg().toBuffer();
    const damage = fc.array(fc.tuple(fc.nat(jpeg.length - 1), fc.nat(255)), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const bytes = Uint8Array.from(jpeg);
        for (const [at, value] of changes) bytes[at] = value;
        const result: unknown = await decodeImage(bytes, { maxPixels: 1e6 }).catch(
          (cause: unknown) => cause,
        );
        if (!(result instanceof EquiclipError)) expect(result).toHaveProperty("data.length");
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  test.each(["png", "webp", "tiff", "gif"] as const)("a truncated %s", async (format) => {
    const whole = await toSharp(noiseImage(64, 64)).toFormat(format).toBuffer();
    const path = write(`cut.${format}`, whole.subarray(0, whole.length / 2));
    await rejects(path, /damaged or truncated|not an image/); // a TIFF's table of contents is at its end
  });

  test("a decompression bomb is refused before it is decoded", async () => {
    const path = write(
      "bomb.png",
      await sharp({ create: { width: 20_000, height: 6000, channels: 3, background: "black" } })
        .png({ compressionLevel: 1 })
        .toBuffer(),
    );
    const start = performance.now();
    await rejects(path, /20000 x 6000 pixels, expected at most 89478485/);
    expect(performance.now() - start).toBeLessThan(500);
  });
});
