/** @file equiclip's side: `equiclip_side.js ROWS D`, the rows as float32 numbers. */
import { fitTsne } from "../../src/explore/map/tsne.ts";
import { trustworthiness } from "../../src/explore/map/trustworthiness.ts";
import { fitUmap } from "../../src/explore/map/umap.ts";
import type { Clock } from "../lib/comparison.ts";
import { readNumbers } from "../lib/numbers.ts";
import { secondsUntil } from "../lib/rounds.ts";
import { serve } from "../lib/serve.ts";

const [file, width] = process.argv.slice(2);
const x = readNumbers(file!);
const rows = { x, n: x.length / Number(width), d: Number(width) };

const FITS = {
  tsne: () => fitTsne(rows, { perplexity: 30, iterations: 1000, seed: 42 }),
  umap: () => fitUmap(rows, { neighbours: 15, minDist: 0.1, seed: 42 }),
};

await serve({
  fit: async ({ kind, clock }: { kind: keyof typeof FITS; clock: Clock }) => {
    let map: Awaited<ReturnType<(typeof FITS)["tsne"]>> | undefined;
    const seconds = await secondsUntil(async () => (map = await FITS[kind]()), clock, 0);
    return { seconds, kl: map!.kl, coordinates: [...map!.coordinates] };
  },
  trust: async ({ coordinates }: { coordinates: number[] }) =>
    (await trustworthiness(rows, Float64Array.from(coordinates), 2, 10)).value,
});
