/** @file Pictures that are there already: the user's, and those that an earlier run drew with the same settings. */
import { readdir } from "node:fs/promises";
import { join, posix, sep } from "node:path";
import { compareText } from "../data/cells.ts";
import { isImageName } from "../data/list-files.ts";
import { UsageError } from "../run/errors.ts";
import { type DrawnRecord, fileHash, readRecords, sha256 } from "./records.ts";
import type { DrawRequest, ImageSource, Parameter } from "./source.ts";

/** A picture that is wanted. */
export interface Wanted {
  readonly prompt: string;
  /** Where it lies or is put: a `.png`, relative to the folder. */
  readonly file: string;
}

/** What all pictures are asked for with. */
export interface Settings extends Omit<DrawRequest, "prompt" | "seed"> {
  readonly seed: number;
  /** One seed for all pictures, or one derived from seed and prompt. */
  readonly seeds: "shared" | "by-prompt";
}

/** What became of a picture. */
export interface Outcome {
  readonly prompt: string;
  /** Given by the user, drawn by an earlier run, drawn now, or not there. */
  readonly origin: "given" | "kept" | "drawn" | "missing";
  /** Path in the folder, with forward slashes; null for a missing one. */
  readonly file: string | null;
  readonly sha256: string | null;
  /** What it was drawn with; null where nobody knows. */
  readonly seed: number | null;
  readonly model: string | null;
  /** Why it is missing; else null. */
  readonly reason: string | null;
}

/** The seed of a prompt's picture, below 2^31: what the narrowest services take. */
export const seedOf = (base: number, seeds: Settings["seeds"], prompt: string): number =>
  seeds === "shared" ? base : Number.parseInt(sha256(`${base}\n${prompt}`).slice(0, 8), 16) >>> 1;

type Found = Pick<Outcome, "origin" | "file" | "sha256" | "seed" | "model">;

/** A folder of pictures, as it is before anything is drawn. */
export interface Shelf {
  readonly folder: string;
  readonly records: ReadonlyMap<string, DrawnRecord>;
  /** Path of a picture by its name, in small letters and without its suffix. */
  readonly byName: ReadonlyMap<string, string>;
}

/** Pictures of other settings lie in folders that begin so. */
const BESIDE = "settings-";

export async function openShelf(folder: string): Promise<Shelf> {
  const records = await readRecords(folder);
  const names = await readdir(folder, { recursive: true }).catch(() => []); // there is none yet
  const pictures = names
    .map((name) => name.split(sep).join(posix.sep))
    .filter((name) => isImageName(name) && !posix.dirname(name).includes(BESIDE))
    .toSorted(compareText);
  return {
    folder,
    records: new Map(records.map((record) => [record.file, record])),
    byName: new Map(pictures.toReversed().map((name) => [nameOf(name), name])),
  };
}

const nameOf = (file: string): string => posix.parse(file).name.normalize("NFC").toLowerCase();

/**
 * The picture of a prompt, or the path where it is to be put. In the file's place may lie one with the suffix of another
 * format, in a folder below, or in capitals.
 * @param source and `key` of the picture; without them any picture will do
 */
export async function findPicture(
  { folder, records, byName }: Shelf,
  wanted: string,
  settings: Settings,
  source: ImageSource | null,
  key: string | null,
): Promise<Found | string> {
  const first = byName.get(nameOf(wanted)) ?? wanted;
  let place = first;
  for (const file of [first, besides(wanted, source, settings)]) {
    place = file;
    const hash = await fileHash(join(folder, file));
    if (hash === null) break;
    const record = records.get(file);
    // what nobody drew here, or what was replaced since, is the user's
    if (record?.sha256 !== hash)
      return { origin: "given", file, sha256: hash, seed: null, model: null };
    if (key === null || record.key === key) return { origin: "kept", file, ...factsOf(record) };
  }
  return place;
}

export const factsOf = ({ sha256: hash, seed, source }: DrawnRecord) => ({
  sha256: hash,
  seed,
  model: source["model"] ?? source["command"] ?? source["url"] ?? source["service"] ?? null,
});

/** Where a picture goes when one of other settings has its name: into a folder for all pictures of these settings. */
function besides(file: string, source: ImageSource | null, settings: Settings): string {
  const sent = source?.sends ?? [];
  const parts = Object.entries(settings).filter(
    ([name]) => name.startsWith("seed") || sent.includes(name as Parameter),
  );
  const id = sha256(JSON.stringify([source?.about ?? null, parts.toSorted()])).slice(0, 8);
  return posix.join(posix.dirname(file), `${BESIDE}${id}`, posix.basename(file));
}

export function requireDistinct(wanted: readonly Wanted[]): void {
  const promptOf = new Map<string, string>();
  for (const { prompt, file } of wanted) {
    const other = promptOf.get(file) ?? prompt;
    if (other !== prompt)
      throw new UsageError(
        `"${other}" and "${prompt}" would both be kept as ${file}; change one of the prompts`,
      );
    promptOf.set(file, prompt);
  }
}
