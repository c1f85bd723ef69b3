/** @file How time and memory grow with rows: loading, a training epoch and an evaluation of the tiny preset. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Claim, Comparison, Line } from "../lib/comparison.ts";
import { jpegFaces } from "../lib/faces.ts";
import { build } from "../lib/package.ts";
import { interleave } from "../lib/rounds.ts";
import { growth, summarize } from "../lib/statistics.ts";

const ROWS = [1000, 10_000, 100_000];
const SIZE = 32;
/** A little above 1: small jobs pay for less warming up than large ones gain. */
const LINEAR = 1.1;
const WORK = {
  load: "loading",
  epoch: "a training epoch",
  evaluate: "an evaluation",
} as const;
type Work = keyof typeof WORK;
const WORKS = Object.keys(WORK) as Work[];
const Told = z.object({ seconds: z.number(), mebibytes: z.number() });
type Told = z.infer<typeof Told>;

/** Each in a process of its own; seconds are of the work, without the start. */
export const scaling: Comparison = {
  title: "Growth with rows",
  peer: "none",
  run: async ({ rounds, quick, part, scratch, progress }) => {
    const built = await build();
    const counts = ROWS.map((count) => Math.round(count * (quick ? 0.02 : part)));
    const faces = await jpegFaces(counts.at(-1)!, SIZE, progress);
    const table = join(scratch, "rows.json");
    writeFileSync(table, JSON.stringify(faces));
    const keyOf = (work: Work, count: number): string => `${work} ${count}`;
    const task = (work: Work, count: number) => (): Told => {
      progress(`${WORK[work]}, ${count.toLocaleString("en")} rows`);
      const command = [built.side("scaling"), work, table, `${count}`];
      const out = execFileSync(process.execPath, command, { stdio: ["ignore", "pipe", 2] });
      return Told.parse(JSON.parse(out.toString()));
    };
    const laps = await interleave(
      Object.fromEntries(
        WORKS.flatMap((work) =>
          counts.map((count) => [keyOf(work, count), task(work, count)] as const),
        ),
      ),
      Math.min(rounds, 3),
      { warmUp: false },
    );
    const told = (work: Work, of: keyof Told): number[][] =>
      counts.map((count) => laps[keyOf(work, count)]!.map((lap) => lap[of]));
    const lines = WORKS.flatMap((work): Line[] =>
      counts.flatMap((count, i) => {
        const what = `${WORK[work]}, ${count.toLocaleString("en")} rows of ${SIZE} px`;
        return [
          { what, unit: "s", ours: told(work, "seconds")[i]!, peer: null },
          {
            what: `${what}: peak memory`,
            unit: "MiB",
            ours: told(work, "mebibytes")[i]!,
            peer: null,
          },
        ];
      }),
    );
    const claims = WORKS.map((work): Claim => {
      const median = (of: keyof Told): number[] =>
        told(work, of).map((values) => summarize(values).median);
      const time = growth(counts, median("seconds"));
      const memory = growth(counts, median("mebibytes"));
      return {
        text: `${WORK[work]}: time grows as rows to the power of ${time.toFixed(2)}, memory to that of ${memory.toFixed(2)} (fitted to logarithms)`,
        holds: time <= LINEAR && memory <= LINEAR,
      };
    });
    return { lines, claims, versions: {} };
  },
};
