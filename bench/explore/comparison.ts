/** @file k-means, DBSCAN and PCA: equiclip beside scikit-learn, on the same float32 rows in memory. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { agreement } from "../../src/explore/cluster/agreement.ts";
import type { Bench, Claim, Comparison, Findings, Line } from "../lib/comparison.ts";
import { build } from "../lib/package.ts";
import { installedPython, servePython } from "../lib/python.ts";
import { interleave } from "../lib/rounds.ts";
import { type Side, serveNode } from "../lib/side.ts";
import { drawBlobs } from "./rows.ts";

/** UTKFace's shared faces, in the width of CLIP ViT-B/32's embeddings. */
const [ROWS, WIDTH, BLOBS] = [18_648, 512, 12];
const SCRIPT = join(import.meta.dirname, "sklearn_side.py");

interface Sides {
  readonly ours: Side;
  readonly peer: Side;
  readonly bench: Bench;
  /** `18,648 x 512` */
  readonly size: string;
}

/** A comparison of two sides that hold the same rows. */
const besideScikitLearn = (
  title: string,
  measure: (sides: Sides) => Promise<{ lines: readonly Line[]; claims: readonly Claim[] }>,
): Comparison => ({
  title,
  peer: "scikit-learn",
  run: async (bench): Promise<Findings> => {
    const python = installedPython(bench.progress);
    const rows = bench.quick ? ROWS / 8 : ROWS;
    const file = join(bench.scratch, "rows.f32");
    writeFileSync(file, new Uint8Array(drawBlobs(rows, WIDTH, BLOBS).buffer));
    const { side } = await build();
    const [ours, peer] = [
      serveNode(side("explore"), file, `${WIDTH}`),
      servePython(python, SCRIPT, file, `${WIDTH}`),
    ];
    try {
      const size = `${rows.toLocaleString("en")} x ${WIDTH}`;
      const found = await measure({ ours, peer, bench, size });
      const versions = z.record(z.string(), z.string()).parse(await peer.call("versions"));
      return { ...found, versions };
    } finally {
      await Promise.all([ours.stop(), peer.stop()]);
    }
  },
});

/** Runs a task on both sides in turn. */
async function both<T extends { seconds: number }>(
  { ours, peer, bench: { rounds, clock } }: Sides,
  task: string,
  schema: z.ZodType<T>,
  given: (round: number) => Readonly<Record<string, unknown>> = () => ({}),
): Promise<{ ours: T[]; peer: T[] }> {
  const ask = (side: Side) => {
    let round = -1; // the unmeasured one
    return async () => schema.parse(await side.call(task, { clock, ...given(round++) }));
  };
  return interleave({ ours: ask(ours), peer: ask(peer) }, rounds);
}

const secondsOf = (laps: readonly { seconds: number }[]): number[] =>
  laps.map(({ seconds }) => seconds);
const lineOf = (
  what: string,
  laps: { ours: readonly { seconds: number }[]; peer: readonly { seconds: number }[] },
): Line => ({
  what,
  unit: "s",
  ours: secondsOf(laps.ours),
  peer: secondsOf(laps.peer),
});

const K = 10;
const ToldKMeans = z.object({ seconds: z.number(), inertia: z.number(), iterations: z.number() });

export const kMeansBesideScikitLearn = besideScikitLearn("k-means", async (sides) => {
  const laps = await both(sides, "kmeans", ToldKMeans, (round) => ({ k: K, seed: round + 1 }));
  const least = (of: readonly { inertia: number }[]): number =>
    Math.min(...of.map(({ inertia }) => inertia));
  const [ours, theirs] = [least(laps.ours), least(laps.peer)];
  return {
    lines: [lineOf(`k-means, ${K} clusters, 10 starts, ${sides.size}`, laps)],
    claims: [
      {
        // the starts are drawn by other generators, and end in other minima
        text: `least inertia is ${ours.toPrecision(6)}, scikit-learn's ${theirs.toPrecision(6)}`,
        holds: ours <= 1.02 * theirs,
      },
    ],
  };
});

/** Between the distances within blobs of `drawBlobs` and those of rows of no blob. */
const [EPS, MIN_SAMPLES] = [0.4, 5];
const ToldDbscan = z.object({
  seconds: z.number(),
  labels: z.array(z.number()),
  core: z.number(),
});

export const dbscanBesideScikitLearn = besideScikitLearn("DBSCAN", async (sides) => {
  const given = { eps: EPS, minSamples: MIN_SAMPLES };
  const laps = await both(sides, "dbscan", ToldDbscan, () => given);
  const [ours, theirs] = [laps.ours[0]!, laps.peer[0]!];
  const { ari, noise } = agreement(ours.labels, theirs.labels);
  const clusters = Math.max(...ours.labels) + 1;
  return {
    lines: [lineOf(`DBSCAN, eps ${EPS}, ${MIN_SAMPLES} samples, ${sides.size}`, laps)],
    claims: [
      {
        text: `${clusters} clusters, ${ours.core} core rows and ${(100 * noise!).toFixed(1)}% noise on both sides, adjusted Rand index ${ari!.toFixed(6)}`,
        holds: ari! > 0.9999 && ours.core === theirs.core,
      },
    ],
  };
});

const ToldPca = z.object({ seconds: z.number(), share: z.array(z.number()) });

export const pcaBesideScikitLearn = besideScikitLearn("PCA", async (sides) => {
  const laps = await both(sides, "pca", ToldPca);
  const [ours, theirs] = [laps.ours[0]!, laps.peer[0]!];
  const apart = Math.max(...ours.share.map((share, i) => Math.abs(share - theirs.share[i]!)));
  return {
    lines: [lineOf(`PCA, 2 components and coordinates, ${sides.size}`, laps)],
    claims: [
      { text: `explained variances agree: ${apart.toExponential(1)} apart`, holds: apart < 1e-5 },
    ],
  };
});
