/** @file What is known of drawn pictures: a line of JSON each, in the folder where they lie. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { checked } from "../run/checked.ts";
import { EquiclipError, messageOf } from "../run/errors.ts";
import {
  type JsonRecord,
  appendJsonLine,
  filterJsonLines,
  readJsonLines,
} from "../run/json-lines.ts";
import type { DrawRequest, ImageSource, Parameter } from "./source.ts";

const RECORDS = "drawn.jsonl";

const Drawn = z.object({
  /** Of all that the picture depends on. */
  key: z.string(),
  /** Path in the folder, with forward slashes. */
  file: z.string(),
  /** Of the file. */
  sha256: z.string(),
  /** When it came, in ISO 8601. */
  date: z.string(),
  prompt: z.string(),
  seed: z.number(),
  /** All that was asked for, also what could not be handed on. */
  request: z.record(z.string(), z.union([z.string(), z.number()])),
  /** Parameters that the service cannot be told. */
  not_sent: z.array(z.string()),
  /** The service: its kind, address, model. */
  source: z.record(z.string(), z.string()),
  /** Pixels of the picture, which may be another size than was asked for. */
  width: z.number(),
  height: z.number(),
  /** The prompt that was drawn, where the service rewrote it. */
  revised_prompt: z.string().optional(),
});
/** Where a picture comes from. */
export type DrawnRecord = z.infer<typeof Drawn>;

export const sha256 = (data: string | Uint8Array): string =>
  createHash("sha256").update(data).digest("hex");

/**
 * What a picture is found by: the service and its model, and every parameter that is handed on. The seed counts always:
 * another seed asks for another picture, even of a service that cannot be told one.
 */
export function keyOf({ about, sends }: ImageSource, request: DrawRequest): string {
  const sent = (["seed", ...sends] satisfies Parameter[]).toSorted();
  const parts = [...new Set(sent)].map((name) => [name, request[name]]);
  const source = Object.entries(about).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return sha256(JSON.stringify([source, parts]));
}

const checkedRecord = (path: string, record: JsonRecord): DrawnRecord =>
  checked(Drawn, record, path, "it is no record of a drawn picture; move the file away");

/** Records of a folder, oldest first. @throws {EquiclipError} for a file with other lines */
export async function readRecords(folder: string): Promise<DrawnRecord[]> {
  const path = join(folder, RECORDS);
  const lines = await readJsonLines(path).catch((cause: unknown) => {
    throw new EquiclipError(`${path}: not lines of JSON: ${messageOf(cause)}; move it away`, 1, {
      cause,
    });
  });
  return lines.map((line) => checkedRecord(path, line));
}

/** Opens the records for new ones: a line that a kill cut short goes. */
export async function openRecords(folder: string): Promise<(record: DrawnRecord) => Promise<void>> {
  const path = join(folder, RECORDS);
  await filterJsonLines(path, () => true);
  return (record) => appendJsonLine(path, record);
}

/** SHA-256 of a file; null where there is none. */
export const fileHash = async (path: string): Promise<string | null> =>
  existsSync(path) ? sha256(await readFile(path)) : null;
