/** @file Loading on threads: the same bytes from any number of them, and what happens when one ends. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { STUDY_AUGMENTATION } from "../../src/data/augment.ts";
import { copyId } from "../../src/data/copies.ts";
import { onThisThread, onThreads, openLoadThreads } from "../../src/data/loader.ts";
import { type PixelOptions, createPixelStore } from "../../src/data/pixels.ts";
import type { Row } from "../../src/data/row.ts";
import { clipImageProcessor } from "../../src/model/image-processor.ts";
import { noiseImage, rowOf, toSharp } from "./images.ts";

const folder = mkdtempSync(join(tmpdir(), "loader-"));
const files: readonly Row[] = Array.from({ length: 40 }, (_, i) => rowOf(folder, `${i}.jpg`));
const copies = files
  .slice(0, 9)
  .map((row): Row => ({ ...row, id: copyId(row.id, 1), origin: row.id }));
const rows = [...files, ...copies];
const all = [...rows.keys()];

beforeAll(async () => {
  for (const [i, { path }] of files.entries())
    writeFileSync(
      path,
      await toSharp(noiseImage(20 + i, 60 - i, i))
        .jpeg()
        .toBuffer(),
    );
  writeFileSync(join(folder, "cut.jpg"), "no image");
  for (const name of ["exit.jpg", "throw.jpg"])
    writeFileSync(join(folder, name), await toSharp(noiseImage(9, 9)).jpeg().toBuffer());
});

const threads = [1, 3].map((count) => openLoadThreads(count));
const mortal = openLoadThreads(2, new URL("./mortal-thread.ts", import.meta.url));
afterAll(async () => {
  for (const some of [...threads, mortal]) await some.close();
  rmSync(folder, { recursive: true });
});

const open = (options: Partial<PixelOptions>) =>
  createPixelStore({
    rows,
    preprocess: clipImageProcessor(16),
    augment: STUDY_AUGMENTATION,
    seed: 1,
    ...options,
  });

describe.each([2 ** 20, 0])("a memory of %i bytes", (memoryBudget) => {
  test("the same pixels on 0, 1 and 3 threads, whatever else they do", async () => {
    const here = await open({ memoryBudget, loader: onThisThread });
    const expected = await here.batch(all, 3);
    for (const some of threads) {
      const store = await open({ memoryBudget, loader: onThreads(some) });
      expect(store.bytes).toBe(here.bytes);
      const [first, part, again] = await Promise.all([
        store.batch(all, 3),
        store.batch([7, 48, 2], 3),
        store.batch(all, 3),
      ]);
      expect(first).toEqual(expected);
      expect(again).toEqual(expected);
      expect(part).toEqual(await here.batch([7, 48, 2], 3));
    }
  });
});

test("what cannot be read is said in the same words", async () => {
  const bad = [rowOf(folder, "gone.jpg"), rowOf(folder, "cut.jpg")];
  const mixed = [bad[0]!, ...files, bad[1]!];
  const [here, there] = await Promise.all(
    [onThisThread, onThreads(threads[1]!)].map((loader) =>
      open({ rows: mixed, maxBad: 0.1, loader }),
    ),
  );
  expect(there!.bad).toEqual(here!.bad);
  expect(there!.rows).toEqual(files);
});

describe("a thread that ends", () => {
  const endings = [
    ["exit.jpg", "exit code 7"],
    ["throw.jpg", "nobody catches this"],
  ] as const;
  test.each(endings)("%s is an image that cannot be read, and the only one", async (name, why) => {
    const mixed = [...files.slice(0, 20), rowOf(folder, name), ...files.slice(20)];
    const loader = onThreads(mortal);
    const store = await open({ rows: mixed, maxBad: 0.1, loader });
    expect(store.bad).toEqual([{ id: name, reason: `the thread that read it ended (${why})` }]);
    expect(store.rows).toEqual(files);
    const indices = [...files.keys()];
    expect(await store.batch(indices, 1)).toEqual(
      await (await open({ loader: onThisThread })).batch(indices, 1),
    );
  });

  test("in a batch it is an error that names the image, and the next batch goes on", async () => {
    const mixed = [...files, rowOf(folder, "exit.jpg")];
    const store = await open({ rows: mixed, memoryBudget: 0, loader: onThisThread });
    // opened where it does no harm, then read by a thread
    const items = mixed.map(({ id, path, origin }) => ({ id, path, origin, slot: 0 }));
    const common = {
      preprocess: clipImageProcessor(16),
      held: null,
      augment: STUDY_AUGMENTATION,
      seed: 1,
      epoch: 1,
    };
    const loader = onThreads(mortal);
    await expect(loader.load("pixels", items, common, () => {})).rejects.toThrow(
      `${join(folder, "exit.jpg")}: the thread that read it ended (exit code 7); remove or replace it`,
    );
    const found: Float32Array[] = [];
    await loader.load("pixels", items.slice(0, 5), common, (i, pixels) => {
      found[i] = pixels;
    });
    expect(found.flatMap((pixels) => [...pixels])).toEqual([
      ...(await store.batch([0, 1, 2, 3, 4], 1)),
    ]);
  });
});
