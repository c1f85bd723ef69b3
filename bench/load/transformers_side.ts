/** @file The side of transformers.js' processor: `transformers_side.js FOLDER BATCH ROWS`, as our side. */
import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { AutoProcessor, env, RawImage, type Tensor } from "@huggingface/transformers";
import type { Row } from "../../src/data/row.ts";
import type { Clock } from "../lib/comparison.ts";
import { readNumbers } from "../lib/numbers.ts";
import { secondsUntil } from "../lib/rounds.ts";
import { serve } from "../lib/serve.ts";

const [folder, batch, file] = process.argv.slice(2) as [string, string, string];
const BATCH = Number(batch);
env.localModelPath = dirname(folder);
env.allowRemoteModels = false;
const rows = JSON.parse(readFileSync(file, "utf8")) as Row[];
const processor = await AutoProcessor.from_pretrained(basename(folder), {});

async function pixels(start: number): Promise<Tensor> {
  const files = rows.slice(start, start + BATCH);
  const images = await Promise.all(files.map(({ path }) => RawImage.read(path)));
  const { pixel_values } = (await processor(images)) as { pixel_values: Tensor };
  return pixel_values;
}

async function epoch(): Promise<void> {
  for (let start = 0; start < rows.length; start += BATCH) await pixels(start);
}

await serve({
  epoch: ({ clock }: { clock: Clock }) => secondsUntil(epoch, clock, 0),
  /** The mean difference of the first batch from ours. */
  apart: async ({ file }: { file: string }) => {
    const ours = readNumbers(file);
    const theirs = (await pixels(0)).data as Float32Array;
    return theirs.reduce((sum, value, i) => sum + Math.abs(value - ours[i]!), 0) / ours.length;
  },
});
