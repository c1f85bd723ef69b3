/** @file What comparisons found, kept together: one table of targets, and results of several runs of the bench. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Line } from "../../bench/lib/comparison.ts";
import { machineFacts } from "../../bench/lib/machine.ts";
import { type Found, type Results, merged, targetsMarkdown } from "../../bench/lib/results.ts";
import { serveNode } from "../../bench/lib/side.ts";

const scratch = mkdtempSync(join(tmpdir(), "equiclip-bench-results-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const found = (name: string, lines: readonly Line[]): Found => ({
  name,
  title: name,
  peer: "PyTorch",
  date: "2026-01-01T00:00:00.000Z",
  machine: machineFacts(),
  rounds: 3,
  clock: "wall",
  quick: false,
  lines,
  claims: [],
  versions: {},
});
const step: Line = {
  what: "step",
  beside: "fused AdamW",
  unit: "s",
  ours: [1, 2, 4],
  peer: [1.1, 2.4, 4],
  target: { ratio: 1.05 },
};

const cellsOf = (table: string): string[][] =>
  table
    .split("\n")
    .slice(2)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

test("the table of targets has a row for each line with one, and says whether its median ratio reaches it", () => {
  const table = targetsMarkdown([
    found("a", [
      step,
      { ...step, target: { ratio: 1.2 } },
      { what: "no target", unit: "s", ours: [1], peer: [2] },
    ]),
    found("b", [
      { what: "update", unit: "s", ours: [1.2e-9], peer: null, target: { atMost: 1.3e-9 } },
      { what: "update", unit: "s", ours: [1.31e-9], peer: [0.7e-9], target: { atMost: 1.3e-9 } },
      { what: "memory", unit: "MiB", ours: [100], peer: [99], target: { ratio: 1 } },
    ]),
  ]);
  expect(cellsOf(table!)).toEqual([
    ["step", "PyTorch, fused AdamW", "2.40 s", "2.00 s", "1.10", "1.00 to 1.20", ">= 1.05", "yes"],
    [
      "step",
      "PyTorch, fused AdamW",
      "2.40 s",
      "2.00 s",
      "1.10",
      "1.00 to 1.20",
      ">= 1.20",
      "**no**",
    ],
    ["update", "PyTorch", "", "1.20 ns", "", "", "<= 1.30 ns", "yes"],
    ["update", "PyTorch", "0.70 ns", "1.31 ns", "0.534", "0.534 to 0.534", "<= 1.30 ns", "**no**"],
    ["memory", "PyTorch", "99.0 MiB", "100 MiB", "0.99", "0.99 to 0.99", ">= 1.00", "**no**"],
  ]);
  expect(
    targetsMarkdown([found("c", [{ what: "x", unit: "s", ours: [1], peer: null }])]),
  ).toBeNull();
});

test("results of the same comparison are replaced, those of others stay in their order", () => {
  const [a, b] = [found("a", []), found("b", [])];
  const again = found("a", [step]);
  const all = [a, b, again].reduce<Results>(merged, { comparisons: [] });
  expect(all).toEqual({ comparisons: [again, b] });
});

test("a side answers by name, one request after the other; one that fails says what it did", async () => {
  const script = join(scratch, "side.mjs");
  writeFileSync(
    script,
    `import { createInterface } from "node:readline";
for await (const line of createInterface(process.stdin)) {
  const { task, given } = JSON.parse(line);
  if (task === "end") process.exit(1);
  console.log(JSON.stringify({ task, ...given }));
}`,
  );
  const side = serveNode(script);
  expect(await side.call("add", { x: 1 })).toEqual({ task: "add", x: 1 });
  expect(await side.call("again")).toEqual({ task: "again" });
  await expect(side.call("end")).rejects.toThrow(/ended while it did end/);
  await side.stop();
});
