/** @file The records of a caption set, whatever file they are in. */
import { readFile, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { messageOf, UsageError } from "../../run/errors.ts";
import type { Format } from "../../run/table/batch.ts";
import { delimited } from "../../run/table/csv.ts";
import { FORMATS, formatOf } from "../../run/table/formats.ts";
import { parlaiRecord } from "./parlai.ts";
import type { CaptionRecord } from "./record.ts";

/** A record and where it is. */
export interface Placed {
  readonly record: CaptionRecord;
  readonly place: string;
}

/**
 * Of a table (CSV, TSV, JSON, JSON Lines, Parquet), a text file of ParlAI, or a folder with male_word_file.txt and
 * female_word_file.txt. Throws UsageError for what is missing or of no such form.
 */
export async function* recordsOf(path: string): AsyncGenerator<Placed> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) return yield* wordLists(path);
  const ending = extname(path).toLowerCase();
  if (found && ending === ".txt") return yield* parlaiLines(path);
  if (found && ending === ".json" && (await readFile(path, "utf8")).trimStart().startsWith("["))
    return yield* jsonArray(path);
  yield* tableRecords(path, found && ending === ".json" ? FORMATS.jsonl : await tableFormat(path));
}

/** Sentences have quotes in them, which not every writer of tables escapes. */
async function tableFormat(path: string): Promise<Format> {
  const format = await formatOf(path);
  return format === "tsv" ? delimited({ delimiter: "\t", relax_quotes: true }) : FORMATS[format];
}

async function* tableRecords(path: string, format: Format): AsyncGenerator<Placed> {
  let names: readonly string[] = [];
  let row = 0;
  for await (const { rows, columns, lines } of format(path, (all) => (names = all))) {
    for (let i = 0; i < rows; i++, row++)
      yield {
        record: Object.fromEntries(names.map((name, c) => [name, columns[c]![i]])),
        place: lines ? `line ${lines[i]}` : `row ${row + 1}`,
      };
  }
}

async function* parlaiLines(path: string): AsyncGenerator<Placed> {
  const lines = (await readFile(path, "utf8")).split(/\r?\n/);
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const record = parlaiRecord(line);
    if (record === null)
      throw new UsageError(
        `${path}:${i + 1}: expected a line of ParlAI, text:...<tab>labels:ABOUT:female or a text<tab>ABOUT:female<tab>0.9, received ${JSON.stringify(line.slice(0, 60))}`,
      );
    yield { record, place: `line ${i + 1}` };
  }
}

async function* jsonArray(path: string): AsyncGenerator<Placed> {
  let records: unknown;
  try {
    records = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new UsageError(`${path}: not valid JSON: ${messageOf(cause)}`, { cause });
  }
  for (const [i, record] of (records as readonly unknown[]).entries()) {
    if (typeof record !== "object" || record === null || Array.isArray(record))
      throw new UsageError(
        `${path}: item ${i + 1}: expected an object such as {"caption": "...", "male": true, "female": false}, received ${JSON.stringify(record)}`,
      );
    yield { record: record as CaptionRecord, place: `item ${i + 1}` };
  }
}

/** Two lists of words, line by line the same one of a man and of a woman. */
async function* wordLists(folder: string): AsyncGenerator<Placed> {
  const [male, female] = await Promise.all(
    ["male", "female"].map(async (gender) => {
      const path = join(folder, `${gender}_word_file.txt`);
      const text = await readFile(path, "utf8").catch((cause: unknown) => {
        throw new UsageError(
          `${path}: cannot be read; a folder of captions is one with male_word_file.txt and female_word_file.txt`,
          { cause },
        );
      });
      return text.split(/\r?\n/).map((word) => word.trim().replaceAll("_", " "));
    }),
  );
  for (const [i, word] of male!.entries())
    if (word !== "" || (female![i] ?? "") !== "")
      yield {
        record: { word_masculine: word, word_feminine: female![i] },
        place: `line ${i + 1}`,
      };
}
