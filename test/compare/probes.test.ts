/** @file Probes of a method's embeddings: the concept where it is, and not where it is not. */
import { expect, test } from "vitest";
import { probesOf } from "../../src/compare/probes.ts";
import { partsOf } from "../../src/compare/splits.ts";
import { plantedRows, SPLIT, TASK } from "./planted.ts";

const { test: part } = partsOf(plantedRows(), SPLIT, 0);
const task = { ...TASK, utility: ["shape"] };

test("without the columns of target and concept, the shape alone is left", () => {
  const settings = { folds: 5, nonlinear: true, level: 0.95 };
  const before = probesOf(task, part, part.x, settings);
  const erased = part.x.map((value, i) => (i % part.d < 3 ? 0 : value));
  const after = probesOf(task, part, erased, settings);
  const [was, is] = [before.leakage!["concept"]!, after.leakage!["concept"]!];
  expect(was.linear.interval![0]).toBeGreaterThan(0.7);
  expect(was.nonlinear!.interval![0]).toBeGreaterThan(0.6);
  for (const probe of [is.linear, is.nonlinear!]) {
    expect(probe.interval![0]).toBeLessThan(1 / 3);
    expect(probe.chance).toBe(1 / 3);
    expect(probe.n).toBe(part.rows.length);
  }
  expect(before.utility!["shape"]!.interval![0]).toBeGreaterThan(0.8);
  expect(after.utility!["shape"]!.interval![0]).toBeGreaterThan(0.8);
});

test("rows of one cluster are worth one", () => {
  const rows = part.rows.map((row, i) => ({ ...row, cluster: `${Math.floor(i / 4)}` }));
  const settings = { folds: 5, nonlinear: false, level: 0.95 };
  const alone = probesOf(task, part, part.x, settings).leakage!["concept"]!;
  const copies = part.x.map(
    (_, i) => part.x[4 * part.d * Math.floor(i / part.d / 4) + (i % part.d)]!,
  );
  const same = rows.map((row, i) => ({ ...row, labels: rows[i - (i % 4)]!.labels }));
  const clustered = probesOf(task, { ...part, rows: same }, copies, settings).leakage!["concept"]!;
  const width = ({ linear }: typeof alone): number => linear.interval![1] - linear.interval![0];
  expect(width(clustered)).toBeGreaterThan(1.4 * width(alone));
  expect(alone.nonlinear).toBeNull();
});
