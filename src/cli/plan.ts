/** @file `data-plan.json`: which rows a run trains on, validates with and is tested by. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { type Row, SPLITS, type Split } from "../data/row.ts";
import { UsageError } from "../run/errors.ts";
import { writeFileAtomic } from "../run/files.ts";
import type { RunFolder } from "../run/folder.ts";
import type { Dataset } from "../train/dataset.ts";
import type { Task } from "../train/predict.ts";

/** The part of the file that later commands rely on. */
interface SavedPlan {
  readonly task: Task;
  readonly splits: Readonly<Record<Split, SavedSplit>>;
}
interface SavedSplit {
  /** In the order that training sees. */
  readonly ids: readonly string[];
  /** SHA-256 of labels, weights and origins. */
  readonly digest: string;
}

const saved = (rows: readonly Row[]): SavedSplit => {
  const facts = rows.map(({ labels, weight, origin }) => [labels, weight, origin]);
  return {
    ids: rows.map(({ id }) => id),
    digest: createHash("sha256").update(JSON.stringify(facts)).digest("hex"),
  };
};

/** The plan of a run. Throws UsageError when the run has not come so far. */
export async function readPlan(folder: RunFolder): Promise<SavedPlan> {
  const text = await readFile(folder.plan, "utf8").catch((cause: unknown) => {
    throw new UsageError(
      `${folder.root} has no data-plan.json yet, so its classes are unknown; go on with equiclip train CONFIG --resume`,
      { cause },
    );
  });
  return JSON.parse(text) as SavedPlan;
}

/** How the rows of a split differ from those that were planned; null when they are the same. */
export function changeOf(before: SavedSplit, rows: readonly Row[]): string | null {
  const now = saved(rows);
  if (isDeepStrictEqual(now, before)) return null;
  const [old, current] = [new Set(before.ids), new Set(now.ids)];
  const added = now.ids.find((id) => !old.has(id));
  const gone = before.ids.find((id) => !current.has(id));
  if (added !== undefined) return `${added} is new`;
  if (gone !== undefined) return `${gone} is missing`;
  return "the same images have other labels, weights or places";
}

/** Saves the plan, or compares it with the one that the run was started with. Throws UsageError when the data changed. */
export async function keepPlan(folder: RunFolder, dataset: Dataset): Promise<void> {
  const { task, source, rows, rejected, split, balance, problems } = dataset;
  if (!existsSync(folder.plan)) {
    const splits = Object.fromEntries(SPLITS.map((name) => [name, saved(rows[name])]));
    const plan = { task, source, splits, split, balance, rejected, problems };
    return writeFileAtomic(folder.plan, `${JSON.stringify(plan, null, 1)}\n`);
  }
  const before = await readPlan(folder);
  const changes = SPLITS.flatMap((name) => {
    const change = changeOf(before.splits[name], rows[name]);
    return change === null ? [] : `${name}: ${change}`;
  });
  if (!isDeepStrictEqual(before.task, task))
    changes.unshift(`other classes: ${task.classes.join(", ")}`);
  if (changes.length > 0)
    throw new UsageError(
      `${source}: the data changed since ${folder.root} was started (${changes[0]}); bring it back as it was, or start again with --fresh`,
    );
}
