/** @file The benchmark's parts that need no other library: its numbers, its rows, its page, and our side of each comparison. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import {
  sameIntervals,
  sameValues,
  type Told,
  type Values,
} from "../../bench/evaluate/agreement.ts";
import { agreement } from "../../bench/erasers/comparison.ts";
import { drawEmbeddings } from "../../bench/erasers/rows.ts";
import { drawRows, evaluateRows, rowsCsv } from "../../bench/evaluate/rows.ts";
import { findingsMarkdown, quantity } from "../../bench/lib/markdown.ts";
import { machineFacts } from "../../bench/lib/machine.ts";
import { interleave, secondsOf } from "../../bench/lib/rounds.ts";
import { ratios, summarize } from "../../bench/lib/statistics.ts";
import type { Gap, Rate } from "../../src/eval/report/values.ts";
import type { Report } from "../../src/eval/report.ts";
import * as library from "../../src/index.ts";
import { readPredictionTable } from "../../src/eval/table/read.ts";

const scratch = mkdtempSync(join(tmpdir(), "equiclip-bench-test-"));
afterAll(() => rmSync(scratch, { recursive: true }));

test("a summary is the median and both ends; a ratio is one of each round", () => {
  expect(summarize([3, 1, 2, 10])).toEqual({ median: 2.5, least: 1, most: 10 });
  // the second round was slow on both sides, and its ratio is not
  expect(ratios([1, 5, 2], [10, 50, 60])).toEqual({ median: 10, least: 10, most: 30 });
  expect(() => ratios([1], [1, 2])).toThrow(/1 rounds .* 2/);
});

test("tasks take turns, and the first turn is not measured", async () => {
  const calls: string[] = [];
  const task = (name: string) => () => calls.push(name);
  const laps = await interleave({ ours: task("ours"), peer: task("peer") }, 2);
  expect(calls).toEqual(["ours", "peer", "ours", "peer", "ours", "peer"]);
  expect(laps).toEqual({ ours: [3, 5], peer: [4, 6] });
});

test("a short call is repeated and its mean is told", () => {
  let calls = 0;
  const seconds = secondsOf(() => calls++, "cpu");
  expect(calls).toBeGreaterThan(100);
  expect(seconds * calls).toBeCloseTo(0.2, 1);
});

test.each([
  [8.412, "s", "8.41 s"],
  [0.0024, "s", "2.40 ms"],
  [0.1526, "s", "153 ms"],
  [3.21e-5, "s", "32.1 µs"],
  [1.254e-9, "s", "1.25 ns"],
  [0, "s", "0 s"],
  [1238.7, "MiB", "1,240 MiB"],
] as const)("%s %s is shown as %s", (value, unit, shown) => {
  expect(quantity(value, unit)).toBe(shown);
});

test("both sides are given the same rows", async () => {
  const rows = drawRows(200);
  expect(drawRows(200)).toEqual(rows);
  expect(new Set(rows.race).size).toBe(5);
  const file = join(scratch, "rows.csv");
  writeFileSync(file, rowsCsv(rows));
  const columns = { truth: "y_true", predicted: "y_pred", groups: ["race"] };
  const { predictions, positive } = await readPredictionTable(file, columns);
  const report = library.evaluate(predictions, {
    positive,
    uncertainty: { replicates: 100, gaps: "contrast" },
  });
  expect(report).toEqual(evaluateRows(library, rows, 100));
});

/** What a peer would tell that had found the same as `report`. */
function toldOf({ attributes }: Report): Told {
  const { groups, gaps } = attributes["race"]!;
  const values = (read: (of: Rate | Gap) => number): Values => {
    const gap = (name: string): number => read(gaps[name]!);
    const difference = {
      accuracy: gap("accuracy.gap"),
      tpr: gap("eopp"),
      fpr: gap("fpr.gap"),
      selectionRate: gap("dp.difference"),
    };
    return {
      groups: Object.fromEntries(
        Object.entries(groups).map(([name, { accuracy, tpr, fpr, selectionRate }]) => [
          name,
          {
            accuracy: read(accuracy),
            tpr: read(tpr),
            fpr: read(fpr),
            selectionRate: read(selectionRate),
          },
        ]),
      ),
      difference,
      ratio: { ...difference, selectionRate: gap("di") },
    };
  };
  return {
    ...values(({ value }) => value!),
    seconds: 1,
    ends: [values(({ interval }) => interval![0]), values(({ interval }) => interval![1])],
  };
}

test("the sides agree when values are equal and ends are near, and not otherwise", () => {
  const report = evaluateRows(library, drawRows(2000), 1000, "percentile");
  const told = toldOf(report);
  expect(sameValues(report, told)).toMatchObject({ holds: true });
  expect(sameIntervals(report, told, 100)).toMatchObject({ holds: true });

  const off = structuredClone(told);
  off.groups["asian"]!.tpr += 1e-9;
  expect(sameValues(report, off)).toMatchObject({ holds: false });
  // an end that is 1.2 standard deviations off is noise of 10 replicates, and not of 100
  const [low, high] = report.attributes["race"]!.gaps["di"]!.interval!;
  off.ends![0].ratio.selectionRate += ((high - low) / 3.92) * 1.2;
  expect(sameIntervals(report, off, 10)).toMatchObject({ holds: true });
  expect(sameIntervals(report, off, 100)).toMatchObject({ holds: false });
});

test("the page is one table, says what it was measured on, and what does not hold", () => {
  const page = findingsMarkdown(
    { title: "Rows beside others", peer: "others" },
    {
      lines: [
        { what: "both", beside: "fast", unit: "s", ours: [0.001, 0.002, 0.004], peer: [1, 2, 8] },
        { what: "ours alone", unit: "MiB", ours: [100, 120, 110], peer: null },
      ],
      claims: [
        { text: "fast", holds: true },
        { text: "faster", holds: false },
      ],
      notes: ["and so on"],
      versions: { others: "1.2.3" },
    },
    machineFacts(),
    { rounds: 3, clock: "wall" },
  );
  expect(page).toContain("others 1.2.3");
  const table = page.split("\n").filter((line) => line.startsWith("|"));
  expect(new Set(table.map((line) => line.length)).size).toBe(1);
  const cells = table.map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const spread = "1,000 to 2,000";
  expect(cells[2]).toEqual([
    "both; fast",
    "2.00 ms",
    "1.00 ms",
    "2.00 s",
    "1.00 s",
    "1,000",
    spread,
  ]);
  expect(cells[3]).toEqual(["ours alone", "110 MiB", "100 MiB", "", "", "", ""]);
  expect(page).toContain("- holds: fast\n- **does not hold**: faster\n- and so on");
});

test("erasers are given the same embeddings, as numpy reads them", () => {
  const rows = drawEmbeddings(50, 8, 3);
  expect(drawEmbeddings(50, 8, 3)).toEqual(rows);
  expect(new Set(rows.labels).size).toBe(3);
});

test("fits agree within a tolerance, and not beyond it", () => {
  const ours = Float64Array.of(1, 2);
  expect(agreement("same", ours, [1, 2 + 1e-9], 1e-8)).toMatchObject({ holds: true });
  expect(agreement("same", ours, [1, 2 + 1e-7], 1e-8)).toMatchObject({ holds: false });
});
