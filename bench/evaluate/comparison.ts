/** @file Four metrics by race with intervals: equiclip beside fairlearn. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Bench, Comparison, Findings, Line } from "../lib/comparison.ts";
import { build, type Built } from "../lib/package.ts";
import { installedPython, servePython } from "../lib/python.ts";
import { interleave, secondsOf } from "../lib/rounds.ts";
import { ratios, summarize } from "../lib/statistics.ts";
import { usageOf, type Usage } from "../lib/usage.ts";
import { sameIntervals, sameValues, Told } from "./agreement.ts";
import { drawRows, evaluateRows, rowsCsv } from "./rows.ts";

const ROWS = 4_664;
const MANY_ROWS = 100_000;
const FILE_ROWS = 1_000_000;
/** What fairlearn's users ask for, and our default. */
const [FEW, DEFAULT] = [100, 10_000];
const COLUMNS = ["--truth", "y_true", "--predicted", "y_pred", "--groups", "race"];
const SCRIPT = join(import.meta.dirname, "fairlearn_side.py");

/** Both sides hold the columns in memory; fairlearn runs in one Python process that times itself. */
export const besideFairlearn: Comparison = {
  title: "Evaluation beside fairlearn",
  peer: "fairlearn",
  run: async (bench) => {
    const python = installedPython(bench.progress);
    const file = join(bench.scratch, "rows.csv");
    writeFileSync(file, rowsCsv(drawRows(ROWS)));
    const built = await build();
    const inMemory = await compareInMemory(bench, built, python, file);
    const wholes = await compareProcesses(bench, built, python, file);
    return { ...inMemory, lines: [...inMemory.lines, ...wholes] };
  },
};

async function compareInMemory(
  { rounds, clock, progress }: Bench,
  { library }: Built,
  python: string,
  file: string,
): Promise<Findings> {
  progress("in memory");
  const [rows, many] = [drawRows(ROWS), drawRows(MANY_ROWS)];
  const peer = servePython(python, SCRIPT, file, "serve");
  try {
    const measure = async (replicates: number): Promise<Told> =>
      Told.parse(await peer.call("measure", { replicates, clock }));
    const seconds = (call: () => unknown): number => secondsOf(call, clock);
    const laps = await interleave(
      {
        none: () => seconds(() => evaluateRows(library, rows, 0)),
        peerNone: async () => (await measure(0)).seconds,
        few: () => seconds(() => evaluateRows(library, rows, FEW, "percentile")),
        peerFew: async () => (await measure(FEW)).seconds,
        usual: () => seconds(() => evaluateRows(library, rows, DEFAULT)),
        many: () => seconds(() => evaluateRows(library, many, DEFAULT)),
      },
      rounds,
    );
    const [report, told] = [evaluateRows(library, rows, DEFAULT, "percentile"), await measure(FEW)];
    const faster = ratios(laps.few, laps.peerFew).median;
    const large = summarize(laps.many).median;
    const line = (what: string, ours: number[], peer: number[] | null): Line => ({
      what,
      unit: "s",
      ours,
      peer,
    });
    return {
      lines: [
        line(`${count(ROWS)} rows, no replicates`, laps.none, laps.peerNone),
        line(`${count(ROWS)} rows, ${FEW} replicates each`, laps.few, laps.peerFew),
        line(
          `${count(ROWS)} rows, ${count(DEFAULT)} replicates; fairlearn ${FEW}`,
          laps.usual,
          laps.peerFew,
        ),
        line(`${count(MANY_ROWS)} rows, ${count(DEFAULT)} replicates`, laps.many, null),
      ],
      claims: [
        {
          text: `${FEW} replicates on ${count(ROWS)} rows are at least 1,000 times faster: ${count(Math.round(faster))} times`,
          holds: faster >= 1000,
        },
        {
          text: `${count(DEFAULT)} replicates on ${count(MANY_ROWS)} rows take less than a second: ${large.toFixed(2)} s`,
          holds: large < 1,
        },
        sameValues(report, told),
        sameIntervals(report, told, FEW),
      ],
      versions: z.record(z.string(), z.string()).parse(await peer.call("versions")),
    };
  } finally {
    await peer.stop();
  }
}

/** From the start of a process to its end, as a pipeline pays for it: a table in, a report out. */
async function compareProcesses(
  { rounds, clock, scratch, progress }: Bench,
  { program }: Built,
  python: string,
  file: string,
): Promise<Line[]> {
  progress("whole processes");
  const large = join(scratch, "large.csv");
  writeFileSync(large, rowsCsv(drawRows(FILE_ROWS)));
  const equiclip = (table: string): Usage =>
    usageOf(python, [
      process.execPath,
      program,
      "eval",
      "--predictions",
      table,
      ...COLUMNS,
      "--out",
      join(scratch, "report"),
    ]);
  const fairlearn = (table: string, replicates: number): Usage =>
    usageOf(python, [python, SCRIPT, table, `${replicates}`]);
  const laps = await interleave(
    {
      small: () => equiclip(file),
      peerSmall: () => fairlearn(file, FEW),
      large: () => equiclip(large),
      peerLarge: () => fairlearn(large, 0),
    },
    rounds,
  );
  const lines = (what: string, ours: readonly Usage[], peer: readonly Usage[]): Line[] => {
    const pick = (of: keyof Usage) => ({
      ours: ours.map((usage) => usage[of]),
      peer: peer.map((usage) => usage[of]),
    });
    return [
      { what, unit: "s", ...pick(clock) },
      { what: `${what}: peak memory`, unit: "MiB", ...pick("mebibytes") },
    ];
  };
  return [
    ...lines(
      `process, ${count(ROWS)} rows of CSV, ${count(DEFAULT)} replicates; fairlearn ${FEW}`,
      laps.small,
      laps.peerSmall,
    ),
    ...lines(
      `process, ${count(FILE_ROWS)} rows of CSV, ${count(DEFAULT)} replicates; fairlearn none`,
      laps.large,
      laps.peerLarge,
    ),
  ];
}

const count = (n: number): string => n.toLocaleString("en");
