/**
 * @file Caption sets that tell of men and women: Winogender, MDGender in ParlAI's and in Hugging Face's forms, word
 * lists, and any table with a text and a gender.
 */
import { UsageError } from "../../run/errors.ts";
import type { Rejected } from "../row.ts";
import type { Caption } from "./caption.ts";
import { BadRecord, type ReadRecord, recordReader } from "./record.ts";
import { recordsOf } from "./records.ts";

export interface CaptionSet {
  readonly source: string;
  /** Distinct texts; one that is there for both genders tells of both. */
  readonly captions: readonly Caption[];
  /** Records that say nothing, and why. */
  readonly rejected: readonly Rejected[];
}

/**
 * Reads a caption set: CSV, TSV, JSON, JSON Lines or Parquet with columns that `recordReader` knows, a text file of
 * ParlAI, or a folder with male_word_file.txt and female_word_file.txt.
 *
 * @throws UsageError when it is missing or of no form that is known, or no record is usable
 */
export async function readCaptions(path: string): Promise<CaptionSet> {
  const captions = new Map<string, Caption>();
  const rejected: Rejected[] = [];
  let read: ReadRecord | null = null;
  let row = 0;
  for await (const { record, place } of recordsOf(path)) {
    read ??= readerOf(path, Object.keys(record));
    try {
      for (const caption of read(record, row++)) {
        const { text, male, female, pair } = captions.get(caption.text) ?? caption;
        captions.set(text, {
          text,
          male: male || caption.male,
          female: female || caption.female,
          pair,
        });
      }
    } catch (cause) {
      if (!(cause instanceof BadRecord)) throw cause;
      rejected.push({ id: place, reason: cause.message });
    }
  }
  const [first] = rejected;
  if (captions.size === 0)
    throw new UsageError(
      `${path}: expected captions, received ${first ? `none that is usable: ${first.id}: ${first.reason}` : "none"}`,
    );
  return { source: path, captions: [...captions.values()], rejected };
}

function readerOf(path: string, columns: readonly string[]): ReadRecord {
  const read = recordReader(columns);
  if (read) return read;
  throw new UsageError(
    `${path}: expected a column caption, text or sentence, and male and female, gender or labels beside it, received ${columns.join(", ")}`,
  );
}
