/** @file UTKFace: labels from file names `[age]_[gender]_[race]_[date].jpg`. */
import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { requireRows } from "./accept.ts";
import { AGE_BANDS, withBands } from "./bands.ts";
import { listFiles } from "./list-files.ts";
import type { Manifest, Rejected, Row } from "./row.ts";

/** Labels by their code in the file name. */
const UTKFACE_GENDERS = ["male", "female"] as const;
const UTKFACE_RACES = ["white", "black", "asian", "indian", "other"] as const;

/** What each part of a name must be; anything else is rejected, never guessed. */
const FIELDS = [
  { name: "age", pattern: /^\d{1,3}$/, expected: "whole years" },
  { name: "gender", pattern: /^[01]$/, expected: "0 (male) or 1 (female)" },
  {
    name: "race",
    pattern: /^[0-4]$/,
    expected: "0 (white), 1 (black), 2 (asian), 3 (indian) or 4 (other)",
  },
  { name: "date", pattern: /^\d+$/, expected: "digits" },
] as const;
/** What comes before the ending, and the numbers of an augmented copy, such as `.jpg.chip.jpg3582.jpg`. */
const NAME = /^(.*?)(?:\.jpg\.chip)?\.jpg((?:\d+\.jpg)*)$/i;

interface Face {
  readonly age: number;
  readonly gender: string;
  readonly race: string;
  /** Characters at the end that make it the name of an augmented copy; 0 for an original. */
  readonly copied: number;
}

/** The labels in a UTKFace file name, that of a copy as well, or the reason why it has none. */
export function parseUtkfaceName(name: string): Face | string {
  const found = NAME.exec(name);
  if (!found) return "expected a name that ends in .jpg or .jpg.chip.jpg";
  const parts = found[1]!.split("_");
  if (parts.length !== FIELDS.length) {
    return `expected ${FIELDS.length} parts age_gender_race_date, received ${parts.length}`;
  }
  for (const [i, { name: field, pattern, expected }] of FIELDS.entries()) {
    if (!pattern.test(parts[i]!)) return `${field}: expected ${expected}, received "${parts[i]}"`;
  }
  const [age, gender, race] = parts.map(Number);
  return {
    age: age!,
    gender: UTKFACE_GENDERS[gender!]!,
    race: UTKFACE_RACES[race!]!,
    copied: found[2]!.length,
  };
}

/**
 * Reads a UTKFace folder: the images may lie in it, in its `images/`, or in parts below it.
 * Rows have labels `gender`, `race`, `age_band` and the number `age` in years; augmented copies know their origin.
 *
 * @param ageBands lower ends of the age bands, ascending
 * @throws UsageError when the folder is missing or empty, or no name in it parses
 */
export async function readUtkface(
  folder: string,
  { ageBands = AGE_BANDS }: { readonly ageBands?: readonly number[] } = {},
): Promise<Manifest> {
  const images = join(folder, "images");
  const inside = await stat(images).catch(() => null);
  const root = inside?.isDirectory() ? images : folder;

  return utkfaceRows(folder, await listFiles(root), { root, ageBands });
}

/**
 * Rows of UTKFace names, wherever their images lie; paths are below `root`.
 * @throws UsageError when no name parses
 */
export function utkfaceRows(
  source: string,
  ids: readonly string[],
  { root, ageBands = AGE_BANDS }: { readonly root: string; readonly ageBands?: readonly number[] },
): Manifest {
  const rows: Row[] = [];
  const rejected: Rejected[] = [];
  for (const id of ids) {
    const face = parseUtkfaceName(basename(id));
    if (typeof face === "string") rejected.push({ id, reason: face });
    else {
      rows.push({
        id,
        path: resolve(root, id),
        labels: { gender: face.gender, race: face.race },
        numbers: { age: face.age },
        split: null,
        weight: 1,
        origin: face.copied > 0 ? id.slice(0, -face.copied) : null,
        cluster: null,
      });
    }
  }
  const expected = "UTKFace names such as 25_1_2_20170116174525125.jpg.chip.jpg";
  const faces = withBands({ source, rows, rejected }, "age", "age_band", ageBands);
  return requireRows(faces, expected);
}
