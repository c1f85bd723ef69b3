/** @file Rebalancing plans: targets are met, duplicates go first, and `data balance` takes the file. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { applyPlan, balancePlan } from "../../../src/data/balance.ts";
import { readCsv } from "../../../src/data/csv.ts";
import {
  type PlanTarget,
  type RebalancingPlan,
  rebalancingPlan,
  writePlan,
} from "../../../src/explore/audit/plan.ts";
import { row } from "../../data/rows.ts";
import { clusteringOf, groupingOf, tableOf } from "./samples.ts";

const folder = mkdtempSync(join(tmpdir(), "equiclip-plan-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const after = (plan: RebalancingPlan, cluster: number): number[] =>
  plan.cells.filter((cell) => cell.cluster === cluster).map((cell) => cell.after);

describe("by hand", () => {
  const { clustering, grouping } = tableOf([
    [30, 10],
    [20, 40],
  ]);
  const plan = (target: PlanTarget, duplicates: number[][] = []): RebalancingPlan =>
    rebalancingPlan(clustering, grouping, duplicates, target, 1);

  test("as many as of the smallest, in each cluster", () => {
    const found = plan({ per: "cluster", target: "smallest" });
    expect([after(found, 0), after(found, 1)]).toEqual([
      [10, 10],
      [20, 20],
    ]);
    expect(found.keep).toHaveLength(60);
    expect(new Set(found.remove.map(({ reason }) => reason))).toEqual(new Set(["level"]));
  });

  test("each group's share of all rows, in each cluster", () => {
    const found = plan({ per: "cluster", target: "share" }); // 50 to 50
    expect([after(found, 0), after(found, 1)]).toEqual([
      [10, 10],
      [20, 20],
    ]);
  });

  test("overall, with at most 36 rows a cluster", () => {
    const found = plan({ per: "all", target: "smallest", cap: 36 });
    const [zero, one] = [after(found, 0), after(found, 1)];
    expect(zero[0]! + one[0]!).toBe(zero[1]! + one[1]!);
    expect(zero[0]! + zero[1]!).toBeLessThanOrEqual(36);
    expect(one[0]! + one[1]!).toBeLessThanOrEqual(36);
    expect(found.remove.filter(({ reason }) => reason === "cap")).toHaveLength(4 + 24);
  });

  test("near-duplicates go first, and one of each stays if it can", () => {
    const found = plan({ per: "cluster", target: "smallest" }, [
      [30, 31, 32],
      [0, 1],
    ]);
    expect(found.remove.filter(({ reason }) => reason === "duplicate")).toEqual([
      { row: 1, reason: "duplicate", of: 0 },
      { row: 31, reason: "duplicate", of: 30 },
      { row: 32, reason: "duplicate", of: 30 },
    ]);
    expect(found.cells[1]).toMatchObject({ group: "b", before: 10, distinct: 8, after: 8 });
    expect(after(found, 0)).toEqual([8, 8]);
  });
});

test("hard cases: one label, no label, a group that a cluster lacks, a cap below the groups", () => {
  const target = { per: "cluster", target: "smallest" } as const;
  const same = groupingOf("g", ["a", "a", "a"]);
  expect(rebalancingPlan(clusteringOf([0, 0, 1]), same, [], target, 0).keep).toEqual([0, 1, 2]);
  expect(() => rebalancingPlan(clusteringOf([0]), groupingOf("g", [null]), [], target, 0)).toThrow(
    /no row has a g/,
  );
  const { clustering, grouping } = tableOf([
    [5, 0],
    [4, 6],
  ]);
  const lacking = rebalancingPlan(clustering, grouping, [], target, 0);
  expect(lacking.problems).toEqual(["cluster 0: no row of b; the others are levelled without"]);
  expect([after(lacking, 0), after(lacking, 1)]).toEqual([
    [5, 0],
    [4, 4],
  ]);
  const capped = rebalancingPlan(clustering, grouping, [], { ...target, cap: 1 }, 0);
  expect(capped.problems.at(-1)).toMatch(/a cap of 1 leaves no row for 2 groups/);
});

const anyData = fc.record({
  rows: fc.array(
    fc.record({
      cluster: fc.integer({ min: -1, max: 3 }),
      group: fc.option(fc.constantFrom("a", "b", "c"), { freq: 8 }),
    }),
    { minLength: 1, maxLength: 120 },
  ),
  duplicates: fc.array(fc.integer({ min: 0, max: 119 }), { maxLength: 20 }),
  per: fc.constantFrom("cluster" as const, "all" as const),
  target: fc.constantFrom("smallest" as const, "share" as const),
  cap: fc.option(fc.integer({ min: 3, max: 30 }), { nil: undefined }),
});

test("property: the plan meets its targets and gives every row once", () => {
  fc.assert(
    fc.property(anyData, ({ rows, duplicates, per, target, cap }) => {
      if (rows.every(({ group }) => group === null)) return;
      const grouping = groupingOf(
        "g",
        rows.map(({ group }) => group),
      );
      const clustering = clusteringOf(rows.map(({ cluster }) => cluster));
      const same = [...new Set(duplicates.filter((i) => i < rows.length))].toSorted(
        (a, b) => a - b,
      );
      const plan = rebalancingPlan(clustering, grouping, [same], { per, target, cap }, 3);
      // every row once, duplicates gone, no row without a label
      const all = [...plan.keep, ...plan.remove.map(({ row }) => row)].toSorted((a, b) => a - b);
      expect(all).toEqual([...rows.keys()]);
      expect(plan.keep.filter((i) => same.includes(i)).length).toBeLessThanOrEqual(1);
      expect(plan.keep.every((i) => rows[i]!.group !== null)).toBe(true);
      // caps
      const clusters = [...new Set(plan.cells.map(({ cluster }) => cluster))];
      for (const cluster of clusters)
        if (cluster >= 0 && cap !== undefined)
          expect(after(plan, cluster).reduce((a, b) => a + b)).toBeLessThanOrEqual(cap);
      // levels
      const base = grouping.values.map((_, g) =>
        plan.cells
          .filter(({ group }) => group === grouping.values[g])
          .reduce((sum, { distinct }) => sum + distinct, 0),
      );
      const parts = per === "cluster" ? clusters.map((c) => [c]) : [clusters];
      for (const part of parts) {
        const cells = grouping.values.map((_, g) => {
          const of = plan.cells.filter(
            ({ cluster, group }) => part.includes(cluster) && group === grouping.values[g],
          );
          return {
            base: base[g]!,
            distinct: of.reduce((sum, { distinct }) => sum + distinct, 0),
            after: of.reduce((sum, cell) => sum + cell.after, 0),
          };
        });
        const there = cells.filter(({ distinct }) => distinct > 0);
        const total = there.reduce((sum, cell) => sum + cell.after, 0);
        const bases = there.reduce((sum, cell) => sum + cell.base, 0);
        for (const cell of there)
          if (target === "smallest") expect(cell.after).toBe(total / there.length);
          else expect(Math.abs(cell.after - (total * cell.base) / bases)).toBeLessThan(1);
      }
    }),
    { numRuns: 300 },
  );
});

test("the same seed keeps the same rows, another seed others", () => {
  const { clustering, grouping } = tableOf([[60, 20]]);
  const kept = (seed: number): readonly number[] =>
    rebalancingPlan(clustering, grouping, [], { per: "cluster", target: "smallest" }, seed).keep;
  expect(kept(1)).toEqual(kept(1));
  expect(kept(1)).not.toEqual(kept(2));
});

test("the written manifest is one that `data balance` finds level in every cluster, and can balance further", async () => {
  const { clustering, grouping } = tableOf([
    [30, 10],
    [20, 40],
  ]);
  const images = join(folder, "images");
  mkdirSync(images, { recursive: true });
  const rows = [...grouping.codes].map((code, i) =>
    row(
      `sub/${i}, x.png`,
      { race: code === 0 ? "white" : "black" },
      {
        path: join(images, `${i}, x.png`),
        numbers: { age: i },
        split: "train",
      },
    ),
  );
  const plan = rebalancingPlan(
    clustering,
    grouping,
    [[0, 1]],
    { per: "cluster", target: "smallest" },
    0,
  );
  const files = await writePlan(join(folder, "plan"), plan, rows, clustering, grouping);
  const { rows: read, rejected } = await readCsv(files.keep, files.columns);
  expect(rejected).toEqual([]);
  expect(read.map(({ path }) => path)).toEqual(plan.keep.map((i) => rows[i]!.path));
  expect(read[0]).toMatchObject({
    labels: { race: "white", g: "a", image_cluster: "0" },
    split: "train",
  });

  const level = balancePlan(
    read,
    {
      method: "undersample-only",
      attributes: ["image_cluster", "g"],
      tolerances: [Infinity, 0],
      total: read.length,
    },
    0,
    0,
  );
  expect(level.removed).toEqual([]); // nothing left to do
  const further = balancePlan(
    read,
    { method: "undersample-only", attributes: ["image_cluster", "g"] },
    0,
    0,
  );
  expect(applyPlan(read, further)).toHaveLength(4 * 10);

  const removed = parse(readFileSync(files.remove), { columns: true }) as Record<string, string>[];
  expect(removed).toHaveLength(plan.remove.length);
  expect(removed.find(({ reason }) => reason === "duplicate")).toEqual({
    image: "../images/1, x.png",
    reason: "duplicate",
    "kept instead": "../images/0, x.png",
  });
  expect(existsSync(join(folder, "plan", "plan.json"))).toBe(true);
});
