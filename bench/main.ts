/** @file `npm run bench -- [NAME ...] [--rounds N] [--cpu] [--json FILE]`: equiclip beside other libraries; Markdown on stdout. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeFileAtomic } from "../src/run/files.ts";
import { wholeComparison } from "./compare/comparison.ts";
import { besideConceptErasure } from "./erasers/comparison.ts";
import { besideFairlearn } from "./evaluate/comparison.ts";
import type { Comparison } from "./lib/comparison.ts";
import { machineFacts } from "./lib/machine.ts";
import { findingsMarkdown } from "./lib/markdown.ts";

/** Every comparison by the name that the command line knows it by. */
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  evaluate: besideFairlearn,
  erasers: besideConceptErasure,
  compare: wholeComparison,
};

const USAGE = `usage: npm run bench -- [NAME ...] [--rounds N] [--cpu] [--json FILE]; NAME is one of: ${Object.keys(COMPARISONS).join(", ")}`;

function asked() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        rounds: { type: "string", default: "5" },
        cpu: { type: "boolean", default: false },
        json: { type: "string" },
      },
    });
    const rounds = Number(values.rounds);
    const names = positionals.length > 0 ? positionals : Object.keys(COMPARISONS);
    if (Number.isInteger(rounds) && rounds > 0 && names.every((name) => name in COMPARISONS))
      return { names, rounds, clock: values.cpu ? "cpu" : "wall", json: values.json } as const;
  } catch {
    // an unknown option: said below
  }
  console.error(USAGE);
  process.exit(2);
}

const { names, rounds, clock, json } = asked();
const date = new Date().toISOString();
const machine = machineFacts();
const found = [];
process.once("SIGINT", () => process.exit(130));
for (const name of names) {
  const comparison = COMPARISONS[name]!;
  const scratch = mkdtempSync(join(tmpdir(), "equiclip-bench-"));
  process.once("exit", () => rmSync(scratch, { recursive: true, force: true }));
  const progress = (text: string): void => console.error(`${name}: ${text}`);
  const findings = await comparison.run({ rounds, clock, scratch, progress });
  found.push({ name, peer: comparison.peer, ...findings });
  console.log(`${findingsMarkdown(comparison, findings, machine, { rounds, clock })}
`);
}
if (json !== undefined)
  await writeFileAtomic(
    json,
    `${JSON.stringify({ date, machine, rounds, clock, comparisons: found }, null, 2)}\n`,
  );
if (found.some(({ claims }) => claims.some(({ holds }) => !holds))) process.exitCode = 1;
