/** @file `npm run bench -- [NAME ...] [--rounds N] [--quick] [--cpu] [--json FILE]`: equiclip beside other libraries; Markdown on stdout. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeFileAtomic } from "../src/run/files.ts";
import { wholeComparison } from "./compare/comparison.ts";
import { adamw } from "./adamw/comparison.ts";
import { convolutional } from "./cnn/comparison.ts";
import { besideConceptErasure } from "./erasers/comparison.ts";
import { besideFairlearn } from "./evaluate/comparison.ts";
import {
  dbscanBesideScikitLearn,
  kMeansBesideScikitLearn,
  pcaBesideScikitLearn,
} from "./explore/comparison.ts";
import { studyJob } from "./job/comparison.ts";
import type { Comparison } from "./lib/comparison.ts";
import { machineFacts } from "./lib/machine.ts";
import { findingsMarkdown } from "./lib/markdown.ts";
import { type Found, type Results, merged, targetsMarkdown } from "./lib/results.ts";
import { load } from "./load/comparison.ts";
import { lastBlocks, lora } from "./lora/comparison.ts";
import { tsne, umap } from "./maps/comparison.ts";
import { scaling } from "./scaling/comparison.ts";
import { scratchRecipe } from "./scratch/comparison.ts";
import { forward, imageStep, stepMemory } from "./step/comparison.ts";
import { start } from "./start/comparison.ts";
import { textStep } from "./text/comparison.ts";
import { zeroShot } from "./zeroshot/comparison.ts";

/** Every comparison by the name that the command line knows it by. */
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  "step-8": imageStep(8),
  "step-16": imageStep(16),
  "step-32": imageStep(32),
  "step-memory": stepMemory,
  forward,
  lora,
  blocks: lastBlocks,
  text: textStep,
  adamw,
  cnn: convolutional,
  load,
  scratch: scratchRecipe,
  zeroshot: zeroShot,
  start,
  "job-full": studyJob("full"),
  "job-blocks": studyJob("blocks"),
  "job-head": studyJob("head"),
  scaling,
  evaluate: besideFairlearn,
  erasers: besideConceptErasure,
  compare: wholeComparison,
  tsne,
  umap,
  kmeans: kMeansBesideScikitLearn,
  dbscan: dbscanBesideScikitLearn,
  pca: pcaBesideScikitLearn,
};

const USAGE = `usage: npm run bench -- [NAME ...] [--rounds N] [--part P] [--quick] [--cpu] [--json FILE]
NAME is one of: ${Object.keys(COMPARISONS).join(", ")}; by default all
--rounds  how often each side is measured; 5
--part    which part of the rows zeroshot, job and scaling take, such as 0.1; 1
--quick   one round of less work: shows that everything runs, within ten minutes
--cpu     processor time, which other programs disturb less, in place of the clock on the wall
--json    adds the results to a file; those that it has of other comparisons stay, and the last table is of all`;

function asked() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        rounds: { type: "string" },
        part: { type: "string", default: "1" },
        quick: { type: "boolean", default: false },
        cpu: { type: "boolean", default: false },
        json: { type: "string" },
      },
    });
    const { quick, json } = values;
    const rounds = Number(values.rounds ?? (quick ? 1 : 5));
    const part = Number(values.part);
    const names = positionals.length > 0 ? positionals : Object.keys(COMPARISONS);
    const possible = Number.isInteger(rounds) && rounds > 0 && part > 0 && part <= 1;
    if (possible && names.every((name) => name in COMPARISONS))
      return { names, rounds, part, quick, clock: values.cpu ? "cpu" : "wall", json } as const;
  } catch {
    // an unknown option: said below
  }
  console.error(USAGE);
  process.exit(2);
}

const { names, rounds, part, quick, clock, json } = asked();
process.once("SIGINT", () => process.exit(130));
const known: Results =
  json !== undefined && existsSync(json)
    ? (JSON.parse(readFileSync(json, "utf8")) as Results)
    : { comparisons: [] };
let results = known;
let failed = false;
for (const name of names) {
  const comparison = COMPARISONS[name]!;
  const { title, peer } = comparison;
  const scratch = mkdtempSync(join(tmpdir(), "equiclip-bench-"));
  const clean = (): void => rmSync(scratch, { recursive: true, force: true });
  process.once("exit", clean);
  const progress = (text: string): void => console.error(`${name}: ${text}`);
  const machine = machineFacts();
  try {
    const findings = await comparison.run({ rounds, clock, quick, part, scratch, progress });
    const date = new Date().toISOString();
    const found: Found = { name, title, peer, date, machine, rounds, clock, quick, ...findings };
    console.log(`${findingsMarkdown(comparison, findings, machine, { rounds, clock })}\n`);
    failed ||= findings.claims.some(({ holds }) => !holds);
    results = merged(results, found);
    if (json !== undefined) await writeFileAtomic(json, `${JSON.stringify(results, null, 2)}\n`);
  } catch (error) {
    // the others are still wanted, after hours of them
    console.error(error);
    failed = true;
  }
  clean();
  process.removeListener("exit", clean);
}
const table = targetsMarkdown(results.comparisons);
if (table !== null) console.log(`## Beside PyTorch\n\n${table}\n`);
if (failed) process.exitCode = 1;
