/** @file The folder of a comparison: every cell has files of its own. */
import { join } from "node:path";
import { expect, test } from "vitest";
import type { CompareCell } from "../../src/compare/result.ts";
import {
  compareFolder,
  openCompareFolder,
  saveCell,
  savedCell,
} from "../../src/cli/compare/folder.ts";
import type { Job } from "../../src/cli/compare/study.ts";
import { CompareConfigSchema } from "../../src/run/config/compare.ts";
import { temporaryFolder } from "./equiclip.ts";

const root = temporaryFolder();
const CONFIG = CompareConfigSchema.parse({
  name: "names",
  embeddings: { file: "faces.npy" },
  data: { source: "csv", path: "faces.csv", attributes: ["a"] },
  tasks: [{ target: "a", sensitive: ["a"] }],
});

test.each<[string, Omit<Job, "seed">, Omit<Job, "seed">]>([
  ["dots", { task: "a.b", method: "c" }, { task: "a", method: "b.c" }],
  [
    "other scripts",
    { task: "性別-without-人種", method: "leace" },
    { task: "年齢-without-人種", method: "leace" },
  ],
  ["signs", { task: "a b", method: "leace" }, { task: "a/b", method: "leace" }],
])("cells whose names differ in %s alone are kept apart", async (what, one, other) => {
  const folder = compareFolder(join(root, what));
  await openCompareFolder(folder, CONFIG, false);
  const cellOf = (job: Omit<Job, "seed">): CompareCell => ({
    ...job,
    seed: 0,
    status: "not-applicable",
    reason: "of this cell",
  });
  await saveCell(folder, { cell: cellOf(one), predictions: null });
  expect(await savedCell(folder, { ...other, seed: 0 })).toBeNull();
  expect(await savedCell(folder, { ...one, seed: 0 })).toEqual(cellOf(one));
});
