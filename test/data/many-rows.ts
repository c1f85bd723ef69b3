/** @file A program: opens a table of some rows on few files, loads the first of them, and says how much memory that took. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { STUDY_AUGMENTATION } from "../../src/data/augment.ts";
import { createPixelStore } from "../../src/data/pixels.ts";
import { clipImageProcessor } from "../../src/model/image-processor.ts";
import { ahead } from "../../src/run/ahead.ts";
import { noiseImage, rowOf, toSharp } from "./images.ts";

const [count, loaded, files] = process.argv.slice(2).map(Number) as [number, number, number];
const BATCH = 256;
const folder = mkdtempSync(join(tmpdir(), "many-"));
const paths = Array.from({ length: files }, (_, i) => rowOf(folder, `${i}.jpg`));
for (const [i, { path }] of paths.entries())
  writeFileSync(
    path,
    await toSharp(noiseImage(16, 16, i))
      .jpeg()
      .toBuffer(),
  );
const rows = Array.from({ length: count }, (_, i) => ({ ...paths[i % files]!, id: String(i) }));

const opening = process.memoryUsage.rss();
const store = await createPixelStore({
  rows,
  preprocess: clipImageProcessor(8),
  augment: STUDY_AUGMENTATION,
  seed: 1,
});
const opened = process.memoryUsage.rss();
const batches = Array.from({ length: loaded / BATCH }, (_, i) =>
  Array.from({ length: BATCH }, (__, j) => i * BATCH + j),
);
let done = 0;
let halfway = 0;
for await (const pixels of ahead(batches, 2, (batch) => store.batch(batch, 0))) {
  done += pixels.length / (3 * 8 * 8);
  if (done === loaded / 2) halfway = process.memoryUsage.rss();
}
rmSync(folder, { recursive: true });
// and no process.exit: idle threads must not keep it from ending
const growth = process.memoryUsage.rss() - halfway;
console.log(JSON.stringify({ done, bytesPerRow: (opened - opening) / count, growth }));
