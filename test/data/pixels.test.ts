/** @file The image loader: bytes that depend on nothing but seed, epoch and row; bad images counted and named. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NO_AUGMENTATION, STUDY_AUGMENTATION } from "../../src/data/augment.ts";
import { copyId, writeCopies } from "../../src/data/copies.ts";
import { decodeImage } from "../../src/data/decode.ts";
import { type PixelOptions, createPixelStore } from "../../src/data/pixels.ts";
import { pixelNormalizer, resizeAndCrop } from "../../src/data/preprocess.ts";
import type { Row } from "../../src/data/row.ts";
import { clipImageProcessor } from "../../src/model/image-processor.ts";
import { random } from "../../src/run/random.ts";
import { hasUtkface, utkface } from "../golden.ts";
import { noiseImage, rowOf, toSharp } from "./images.ts";

const SIZE = 16;
const LENGTH = 3 * SIZE * SIZE;
const COUNT = 24;
const preprocess = clipImageProcessor(SIZE, "bilinear");
const folder = mkdtempSync(join(tmpdir(), "pixels-"));
const rows: readonly Row[] = Array.from({ length: COUNT }, (_, i) => rowOf(folder, `${i}.jpg`));

beforeAll(async () => {
  for (const [i, { path }] of rows.entries()) {
    writeFileSync(
      path,
      await toSharp(noiseImage(20 + i, 30, i))
        .jpeg()
        .toBuffer(),
    );
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const open = (options: Partial<PixelOptions> = {}) =>
  createPixelStore({ rows, preprocess, augment: STUDY_AUGMENTATION, seed: 1, ...options });
const all = rows.map((_, i) => i);
const imageOf = (pixels: Float32Array, i: number): Float32Array =>
  pixels.subarray(i * LENGTH, (i + 1) * LENGTH);

describe("pixels", () => {
  test("without augmentation they are the image processor's", async () => {
    const store = await open();
    const pixels = await store.batch([5, 3], null);
    const expected = new Float32Array(2 * LENGTH);
    for (const [i, row] of [rows[5]!, rows[3]!].entries()) {
      const image = resizeAndCrop(await decodeImage(row.path), preprocess);
      pixelNormalizer(preprocess)(image, expected, i * LENGTH);
    }
    expect(pixels).toEqual(expected);
    expect(store.shape).toEqual([3, SIZE, SIZE]);
    expect(store.bytes).toBe(COUNT * LENGTH);
  });

  test("do not depend on order, batching, company, memory or what was asked before", async () => {
    const held = await open();
    const expected = await held.batch(all, 2);
    const decoded = await open({ memoryBudget: 0 });
    expect(decoded.bytes).toBe(0);
    expect(await decoded.batch(all, 2)).toEqual(expected);
    const order = random("order").shuffle(all);
    for (const store of [held, decoded]) {
      const [shuffled] = await Promise.all([store.batch(order, 2), store.batch(all, 7)]);
      order.forEach((row, i) => expect(imageOf(shuffled, i)).toEqual(imageOf(expected, row)));
      expect(await store.batch([9], 2)).toEqual(imageOf(expected, 9));
    }
    const fewer = await open({ rows: rows.slice(10) });
    expect(await fewer.batch([0], 2)).toEqual(imageOf(expected, 10));
  });

  test("differ by epoch and by seed", async () => {
    const store = await open();
    const first = await store.batch([0], 1);
    expect(await store.batch([0], 2)).not.toEqual(first);
    expect(await store.batch([0], null)).not.toEqual(first);
    expect(await (await open({ seed: 2 })).batch([0], 1)).not.toEqual(first);
    expect(await store.batch([0, 0], 1)).toEqual(Float32Array.of(...first, ...first));
  });

  test("what is measured on is the same in every epoch: augmentation is of training alone", async () => {
    const moving = { ...NO_AUGMENTATION, flip: 0.5, shift: 0.1 }; // the study's, on the fly
    const store = await open({ augment: moving });
    const held = [0, 3, 5];
    const first = await store.batch(held, null);
    await store.batch(held, 1);
    expect(await store.batch(held, null)).toEqual(first);
    expect(await (await open({ augment: NO_AUGMENTATION })).batch(held, 4)).toEqual(first);
    expect(await store.batch(held, 1)).not.toEqual(first);
  });

  test("a copy of a copy is changed twice, and written under a name of its own", async () => {
    const source = rows[4]!.id;
    const copy = { ...rows[4]!, id: copyId(source, 1), origin: source };
    const second = { ...rows[4]!, id: copyId(copy.id, 1), origin: source };
    const store = await open({ rows: [copy, second], augment: NO_AUGMENTATION });
    const pixels = await store.batch([0, 1], null);
    expect(imageOf(pixels, 0)).not.toEqual(imageOf(pixels, 1));
    const out = await writeCopies([copy, second], join(folder, "twice"), 1);
    expect(out.map(({ id }) => id)).toEqual([`${source}1.jpg`, `${source}1.jpg1.jpg`]);
    expect(await decodeImage(out[0]!.path)).not.toEqual(await decodeImage(out[1]!.path));
  });

  test("an augmented copy shares its origin's file and is the same changed image in every epoch", async () => {
    const origin4 = rows[4]!.id;
    const copies = [1, 2].map((n): Row => ({
      ...rows[4]!,
      id: copyId(origin4, n),
      origin: origin4,
    }));
    const written: Row = { ...rows[6]!, id: "written.jpg", origin: origin4 };
    const store = await open({ rows: [...rows, ...copies, written], augment: NO_AUGMENTATION });
    expect(store.bytes).toBe(COUNT * LENGTH); // held once
    const pixels = await store.batch([4, COUNT, COUNT + 1, 6, COUNT + 2], 1);
    const [origin, a, b, file, sameFile] = [0, 1, 2, 3, 4].map((i) => imageOf(pixels, i));
    expect(a).not.toEqual(origin);
    expect(a).not.toEqual(b);
    expect(sameFile).toEqual(file);
    expect(await store.batch([COUNT], 9)).toEqual(a);
    expect(await store.batch([COUNT], null)).toEqual(a);
  });

  test("copies can be written to files, which then are what they are", async () => {
    const copies = [1, 2].map((n): Row => ({
      ...rows[4]!,
      id: copyId("sub/4.jpg", n),
      origin: "sub/4.jpg",
    }));
    const target = join(folder, "copies");
    const out = await writeCopies([rows[0]!, ...copies], target, 1);
    expect(out[0]).toBe(rows[0]);
    expect(out.slice(1).map(({ id }) => id)).toEqual(["sub/4.jpg1.jpg", "sub/4.jpg2.jpg"]);
    const file = await decodeImage(out[1]!.path);
    const { width, height } = await decodeImage(rows[4]!.path);
    expect([file.width, file.height]).toEqual([width, height]);
    const store = await open({ rows: out, augment: NO_AUGMENTATION });
    const expected = new Float32Array(LENGTH);
    pixelNormalizer(preprocess)(resizeAndCrop(file, preprocess), expected, 0);
    expect(await store.batch([1], 0)).toEqual(expected);
    const again = await writeCopies(copies, target, 1);
    expect(await decodeImage(again[0]!.path)).toEqual(file);
  });

  test("progress counts every file once", async () => {
    const seen: number[] = [];
    await open({ onProgress: (done, total) => seen.push(done / total) });
    expect(seen).toEqual(rows.map((_, i) => (i + 1) / COUNT));
  });
});

describe("bad images", () => {
  const broken = ["text.jpg", "cut.jpg", "empty.jpg"].map((name) => rowOf(folder, name));
  const mixed = [...broken.slice(0, 2), ...rows, broken[2]!, rowOf(folder, "gone.jpg")];
  beforeAll(async () => {
    const jpeg = await toSharp(noiseImage(64, 64)).jpeg().toBuffer();
    writeFileSync(broken[0]!.path, "not an image");
    writeFileSync(broken[1]!.path, jpeg.subarray(0, jpeg.length / 2));
    writeFileSync(broken[2]!.path, "");
  });

  test("one is too many unless a share of them is allowed", async () => {
    await expect(open({ rows: [rows[0]!, broken[1]!] })).rejects.toThrow(
      /^1 of 2 images cannot be read, expected at most 0 \(data.maxBad 0\).*\n {2}cut.jpg: damaged or truncated[^\n]*$/,
    );
    await expect(open({ rows: mixed, maxBad: 0.1 })).rejects.toThrow(/^4 of 28 images/);
  });

  test("within the share they are left out and listed, and the others are as before", async () => {
    const store = await open({ rows: mixed, maxBad: 0.2 });
    expect(store.rows).toEqual(rows);
    expect(store.bad.map(({ id }) => id)).toEqual(["text.jpg", "cut.jpg", "empty.jpg", "gone.jpg"]);
    expect(store.bad[3]!.reason).toBe("no such file");
    expect(await store.batch(all, 3)).toEqual(await (await open()).batch(all, 3));
  });

  test("a long list is cut short", async () => {
    const gone = Array.from({ length: 100 }, (_, i) => rowOf(folder, `gone-${i}.jpg`));
    await expect(open({ rows: gone })).rejects.toThrow(
      / {2}gone-4.jpg: no such file\n {2}and 95 more$/,
    );
  });
});

test.skipIf(!hasUtkface)("real faces", async () => {
  const images = utkface("images");
  const faces = readdirSync(images)
    .slice(0, 40)
    .map((name) => rowOf(images, name));
  const store = await open({ rows: faces });
  const pixels = await store.batch(
    faces.map((_, i) => i),
    0,
  );
  expect(pixels.every((value) => Number.isFinite(value) && Math.abs(value) < 3)).toBe(true);
});
