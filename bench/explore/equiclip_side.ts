/** @file Our side of clusters and PCA: `equiclip_side.js ROWS.f32 WIDTH`. */
import { readFileSync } from "node:fs";
import { dbscan } from "../../src/explore/cluster/dbscan.ts";
import { kMeans } from "../../src/explore/cluster/kmeans.ts";
import { fitPca } from "../../src/explore/map/pca.ts";
import type { Clock } from "../lib/comparison.ts";
import { secondsUntil } from "../lib/rounds.ts";
import { serve } from "../lib/serve.ts";

const bytes = readFileSync(process.argv[2]!);
const d = Number(process.argv[3]);
const numbers = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
const x = { x: numbers, n: numbers.length / d, d };

/** Runs once, and says how long it took beside what it found. */
async function timed<T>(
  run: () => Promise<T>,
  clock: Clock,
): Promise<{ seconds: number; found: T }> {
  let found: T | undefined;
  const seconds = await secondsUntil(async () => (found = await run()), clock, 0);
  return { seconds, found: found! };
}

await serve({
  kmeans: async ({ clock, k, seed }: { clock: Clock; k: number; seed: number }) => {
    const { seconds, found } = await timed(() => kMeans(x, { k, seed }), clock);
    return { seconds, inertia: found.inertia, iterations: found.iterations };
  },
  dbscan: async ({ clock, eps, minSamples }: { clock: Clock; eps: number; minSamples: number }) => {
    const { seconds, found } = await timed(() => dbscan(x, { eps, minSamples }), clock);
    return { seconds, labels: [...found.labels], core: found.core.reduce((a, b) => a + b, 0) };
  },
  pca: async ({ clock }: { clock: Clock }) => {
    const { seconds, found } = await timed(() => fitPca(x, 2), clock);
    return { seconds, share: [...found.explained!] };
  },
});
