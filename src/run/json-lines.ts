/** @file An append-only file of JSON records that survives a kill in the middle of a line. */
import { existsSync } from "node:fs";
import { appendFile, readFile } from "node:fs/promises";
import { EquiclipError, messageOf } from "./errors.ts";
import { writeFileAtomic } from "./files.ts";

export type JsonRecord = Readonly<Record<string, unknown>>;

/** Reads all whole records; a last line that was cut short is left out. */
export async function readJsonLines(path: string): Promise<JsonRecord[]> {
  if (!existsSync(path)) return [];
  const lines = (await readFile(path, "utf8")).split("\n");
  lines.pop(); // what follows the last newline is empty, or torn
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as JsonRecord);
}

/** Keeps the records that pass and returns them; the others, and a torn tail, are gone. */
export async function filterJsonLines(
  path: string,
  keep: (record: JsonRecord) => boolean,
): Promise<JsonRecord[]> {
  const kept = (await readJsonLines(path)).filter(keep);
  await writeFileAtomic(path, kept.map((record) => `${JSON.stringify(record)}\n`).join(""));
  return kept;
}

export async function appendJsonLine(path: string, record: JsonRecord): Promise<void> {
  try {
    await appendFile(path, `${JSON.stringify(record)}\n`);
  } catch (cause) {
    throw new EquiclipError(`cannot write ${path}: ${messageOf(cause)}`, 1, { cause });
  }
}
