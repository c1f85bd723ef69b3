/** @file Embeddings while they are being made: a folder that a killed command goes on from. */
import { existsSync } from "node:fs";
import { appendFile, mkdir, readFile, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import type { Rejected } from "../data/row.ts";
import { EquiclipError, UsageError, messageOf } from "../run/errors.ts";
import { writeFileAtomic } from "../run/files.ts";
import { appendJsonLine, filterJsonLines } from "../run/json-lines.ts";

/** Of one batch: rows that could not be made are NaN. */
export interface Batch {
  readonly x: Float32Array;
  readonly d: number;
  readonly bad: readonly (Rejected & { readonly row: number })[];
}

export interface Partial {
  /** Rows that are there, a multiple of the batch size. */
  readonly done: number;
  /** Of these, the ones that could not be made. */
  readonly bad: Batch["bad"];
  append(batch: Batch): Promise<void>;
  /** All rows so far. */
  read(): Promise<{ x: Float32Array; d: number }>;
  remove(): Promise<void>;
}

interface Plan {
  readonly key: string;
  readonly d: number;
}

/**
 * Opens or starts a folder.
 * @param key tells model, rows and settings from others
 * @throws {UsageError} when the folder was started with another key
 */
export async function openPartial(
  folder: string,
  key: string,
  batchSize: number,
): Promise<Partial> {
  const [planFile, rowsFile, badFile] = ["plan.json", "rows.f32", "bad.jsonl"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  let plan: Plan | null = existsSync(planFile)
    ? (JSON.parse(await readFile(planFile, "utf8")) as Plan)
    : null;
  if (plan && plan.key !== key)
    throw new UsageError(
      `${folder} holds embeddings of another model, other data or settings, not yet whole; delete it, or choose another --out`,
    );
  const bytes = plan && existsSync(rowsFile) ? (await stat(rowsFile)).size : 0;
  const rowBytes = (plan?.d ?? 1) * Float32Array.BYTES_PER_ELEMENT;
  // a batch that was cut short is made again
  const done = Math.floor(Math.floor(bytes / rowBytes) / batchSize) * batchSize;
  await mkdir(folder, { recursive: true });
  if (existsSync(rowsFile)) await truncate(rowsFile, done * rowBytes);
  const bad = (await filterJsonLines(badFile, ({ row }) => (row as number) < done)) as unknown[];
  return {
    done,
    bad: bad as Batch["bad"],
    async append({ x, d, bad: failed }) {
      if (!plan) {
        plan = { key, d };
        await writeFileAtomic(planFile, JSON.stringify(plan));
      }
      if (d !== plan.d)
        throw new EquiclipError(`${folder}: rows of ${d} numbers after rows of ${plan.d}`);
      for (const { row, id, reason } of failed) await appendJsonLine(badFile, { row, id, reason });
      try {
        await appendFile(rowsFile, new Uint8Array(x.buffer, x.byteOffset, x.byteLength));
      } catch (cause) {
        throw new EquiclipError(`cannot write ${rowsFile}: ${messageOf(cause)}`, 1, { cause });
      }
    },
    async read() {
      const { buffer, byteOffset, byteLength } = await readFile(rowsFile);
      const aligned =
        byteOffset % 4 === 0 ? buffer : buffer.slice(byteOffset, byteOffset + byteLength);
      const x = new Float32Array(aligned, aligned === buffer ? byteOffset : 0, byteLength / 4);
      return { x, d: plan!.d };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
