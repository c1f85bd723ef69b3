/**
 * @file Embeddings that an exploration keeps: each is computed once, whatever else changes, and found again by what it was
 * made of. A command that is stopped goes on from what was kept.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { RawEmbeddings } from "../../embed/encoder.ts";
import { type Table, openCache } from "../../run/cache/cache.ts";
import type { About } from "../../run/cache/files.ts";
import { EquiclipError } from "../../run/errors.ts";
import { writeFileAtomic } from "../../run/files.ts";
import { VERSION } from "../../run/version.ts";
import { say } from "../session.ts";

/** Some of what was missing. */
export interface Made extends RawEmbeddings {
  /** Whose rows these are. */
  readonly places: readonly number[];
}

export interface KeptWork {
  /** Where they are kept. */
  readonly folder: string;
  /** Such as `embeddings of images`. */
  readonly kind: string;
  /** What messages call the encoder. */
  readonly name: string;
  readonly about: Readonly<Record<string, string>>;
  /** SHA-256 of what each row is made of; null for one that cannot be made. */
  readonly keys: readonly (string | null)[];
  /** What messages call a row. */
  readonly nameOf: (place: number) => string;
  /** Makes rows, one for each key; those that it leaves out cannot be made. */
  readonly make: (missing: readonly number[]) => AsyncIterable<Made>;
}

export interface Kept extends RawEmbeddings {
  /** Rows that could not be made are zeros. [keys, d] */
  readonly x: Float32Array;
  /** Rows computed now, of different keys; the others were read. */
  readonly computed: number;
  /** What is to be said of it. */
  readonly notes: readonly string[];
}

const planSchema = z.object({ d: z.int().positive() });

/** Milliseconds of work that a kill may lose. */
const FLUSH = 10_000;

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/**
 * Rows by their keys: read, or computed and kept.
 * @throws {EquiclipError} naming the row that has a number which is not finite; what `make` throws, once all is kept
 */
export async function keptRows(work: KeptWork): Promise<Kept> {
  const { folder, kind, about, name } = work;
  const identity = { kind, about: { ...about, equiclip: VERSION } };
  const hash = createHash("sha256").update(JSON.stringify(identity)).digest("hex").slice(0, 32);
  const plan = join(folder, `${hash}.json`);
  const { d: known } = await readFile(plan, "utf8")
    .then((text) => planSchema.parse(JSON.parse(text)))
    .catch(() => ({ d: null })); // what cannot be read is made again
  const keepSize = (d: number): Promise<void> =>
    writeFileAtomic(plan, `${JSON.stringify({ encoder: name, ...identity, d }, null, 2)}\n`);
  const first = await attempt(work, identity, known, keepSize);
  if (!("other" in first)) return { ...first, notes: [] };
  const again = await attempt(work, identity, null, keepSize);
  if ("other" in again) throw changing(name, again.d, again.other);
  return {
    ...again,
    notes: [
      `${name}: rows of ${first.d} numbers were kept, the encoder gives ${first.other} now; all were embedded again`,
    ],
  };
}

const changing = (name: string, before: number, now: number): EquiclipError =>
  new EquiclipError(
    `${name}: expected ${before} numbers a row as before, received ${now}; an encoder must give rows of one size`,
  );

/** @param known numbers a row, where some may be kept. @returns the other size, where the first rows made have one */
async function attempt(
  { folder, name, keys, nameOf, make }: KeptWork,
  identity: About,
  known: number | null,
  keepSize: (d: number) => Promise<void>,
): Promise<Omit<Kept, "notes"> | { readonly d: number; readonly other: number }> {
  const cache = openCache({ folder, limit: Infinity, warn: say });
  const placesOf = new Map<string, number[]>();
  for (const [place, key] of keys.entries()) {
    if (key === null) continue;
    const places = placesOf.get(key);
    if (places) places.push(place);
    else placesOf.set(key, [place]);
  }
  let x = new Float32Array(0);
  let d = known ?? 0;
  let table: Table | null = null;
  const open = async (size: number): Promise<void> => {
    d = size;
    x = new Float32Array(keys.length * d);
    table = await cache.table(identity, d * Float32Array.BYTES_PER_ELEMENT);
  };
  const rowAt = (place: number): Float32Array => x.subarray(place * d, (place + 1) * d);
  let computed = 0;
  try {
    if (known !== null) await open(known);
    const missing: number[] = [];
    for (const [key, [place, ...others]] of placesOf) {
      const into = known === null ? null : rowAt(place!);
      if (into && (await table!.read(key, bytesOf(into))))
        for (const other of others) rowAt(other).set(into);
      else missing.push(place!);
    }
    if (missing.length === 0) return { x, d, computed };
    let flushed = performance.now();
    for await (const made of make(missing)) {
      if (table === null) {
        await open(made.d);
        await keepSize(made.d);
      }
      if (made.d !== d) {
        if (computed > 0 || known === null) throw changing(name, d, made.d);
        return { d, other: made.d };
      }
      for (const [i, place] of made.places.entries()) {
        const row = made.x.subarray(i * d, (i + 1) * d);
        requireFinite(row, `${name}: ${nameOf(place)}`);
        const key = keys[place]!;
        for (const to of placesOf.get(key)!) rowAt(to).set(row);
        await table!.write(key, bytesOf(row));
        computed++;
      }
      if (performance.now() - flushed > FLUSH) {
        await table!.flush();
        flushed = performance.now();
      }
    }
    return { x, d, computed };
  } finally {
    await (table as Table | null)?.close();
  }
}

function requireFinite(row: Float32Array, what: string): void {
  const bad = row.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new EquiclipError(
      `${what}: number ${bad} of its embedding is ${row[bad]}; expected a finite 32-bit number; is the encoder whole?`,
    );
}
