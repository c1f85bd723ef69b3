/** @file Our side of loading: `equiclip_side.js FOLDER BATCH ROWS`, a model's folder and a JSON file of rows. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createPixelStore, type PixelStore } from "../../src/data/pixels.ts";
import type { Row } from "../../src/data/row.ts";
import { NO_AUGMENTATION } from "../../src/data/augment.ts";
import { ahead } from "../../src/run/ahead.ts";
import { parseImageProcessor } from "../../src/model/image-processor.ts";
import type { Clock } from "../lib/comparison.ts";
import { secondsUntil } from "../lib/rounds.ts";
import { serve } from "../lib/serve.ts";

const [folder, batch, file] = process.argv.slice(2) as [string, string, string];
const BATCH = Number(batch);
/** Batches on their way while one is used, as many as a DataLoader with two workers has. */
const AHEAD = 4;
const rows = JSON.parse(readFileSync(file, "utf8")) as Row[];
const preprocess = parseImageProcessor(
  JSON.parse(readFileSync(join(folder, "preprocessor_config.json"), "utf8")),
  folder,
);
const open = (memoryBudget: number): Promise<PixelStore> =>
  createPixelStore({ rows, preprocess, augment: NO_AUGMENTATION, seed: 0, memoryBudget });
const starts = rows.flatMap((_, i) => (i % BATCH === 0 ? [i] : []));
const rowsFrom = (start: number): number[] =>
  Array.from({ length: Math.min(BATCH, rows.length - start) }, (_, i) => start + i);

/** Every batch of an epoch, in order, none kept. */
async function epoch(store: PixelStore): Promise<void> {
  const batches = ahead(starts, AHEAD, (start) => store.batch(rowsFrom(start), 0));
  for await (const batch of batches) if (!Number.isFinite(batch[0])) throw new Error("no pixels");
}

const stores = { files: await open(0), held: await open(2 ** 40) };

await serve({
  /** Writes the first batch. */
  first: async ({ file }: { file: string }) =>
    writeFileSync(file, new Uint8Array((await stores.files.batch(rowsFrom(0), null)).buffer)),
  /** Seconds of an epoch, from files or from decoded faces in memory. */
  epoch: ({ from, clock }: { from: keyof typeof stores; clock: Clock }) =>
    secondsUntil(() => epoch(stores[from]), clock, 0),
});
