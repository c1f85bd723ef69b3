/** @file `npm run bench -- [NAME ...] [--rounds N] [--json FILE]`: equiclip beside other libraries; Markdown on stdout. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeFileAtomic } from "../src/run/files.ts";
import { besideFairlearn } from "./evaluate/comparison.ts";
import type { Comparison } from "./lib/comparison.ts";
import { machineFacts } from "./lib/machine.ts";
import { findingsMarkdown } from "./lib/markdown.ts";

/** Every comparison by the name that the command line knows it by. */
const COMPARISONS: Readonly<Record<string, Comparison>> = { evaluate: besideFairlearn };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "5" }, json: { type: "string" } },
});
const rounds = Number(values.rounds);
const names = positionals.length > 0 ? positionals : Object.keys(COMPARISONS);
const unknown = names.filter((name) => !Object.hasOwn(COMPARISONS, name));
if (unknown.length > 0 || !(Number.isInteger(rounds) && rounds > 0)) {
  console.error(
    `usage: npm run bench -- [NAME ...] [--rounds N] [--json FILE]; NAME is one of: ${Object.keys(COMPARISONS).join(", ")}`,
  );
  process.exit(2);
}

const date = new Date().toISOString();
const machine = machineFacts();
const found = [];
for (const name of names) {
  const comparison = COMPARISONS[name]!;
  const scratch = mkdtempSync(join(tmpdir(), "equiclip-bench-"));
  try {
    const progress = (text: string): void => console.error(`${name}: ${text}`);
    const findings = await comparison.run({ rounds, scratch, progress });
    found.push({ name, peer: comparison.peer, ...findings });
    console.log(`${findingsMarkdown(comparison, findings, machine, rounds)}\n`);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
if (values.json !== undefined)
  await writeFileAtomic(
    values.json,
    `${JSON.stringify({ date, machine, rounds, comparisons: found }, null, 2)}\n`,
  );
if (found.some(({ claims }) => claims.some(({ holds }) => !holds))) process.exitCode = 1;
