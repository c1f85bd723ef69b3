/** @file A shard of a cache: rows of equal size under their keys, a safetensors file that is checked before it is believed. */
import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { z } from "zod";

export const FORMAT = "equiclip.cache/1";
/** Bytes of a key: a SHA-256. */
const KEY = 32;
/** A longer header is none of ours. */
const MAX_HEADER = 65_536;
/** Bytes read at a time where all of a shard is looked at. */
const CHUNK = 4_194_304;

const header = z.object({
  __metadata__: z.object({ format: z.literal(FORMAT), sha256: z.string() }),
  rows: z.object({ shape: z.tuple([z.int().nonnegative(), z.int().positive()]) }),
});
type Header = z.infer<typeof header>;

/** The parts of a file in turn. @param keys SHA-256 in hexadecimal. @param rows one for each. */
export function encodeShard(keys: readonly string[], rows: readonly Uint8Array[]): Uint8Array[] {
  const index = Buffer.from(keys.join(""), "hex"); // [keys, 32]
  const rowBytes = rows[0]!.length;
  const hash = createHash("sha256").update(index);
  for (const row of rows) hash.update(row);
  const tensor = (bytes: number, from: number) => ({
    dtype: "U8",
    shape: [keys.length, bytes],
    data_offsets: [from, from + keys.length * bytes],
  });
  const json = JSON.stringify({
    __metadata__: { format: FORMAT, sha256: hash.digest("hex") },
    keys: tensor(KEY, 0),
    rows: tensor(rowBytes, index.length),
  });
  const head = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, " ");
  head.writeBigUInt64LE(BigInt(head.length - 8));
  head.write(json, 8);
  return [head, index, ...rows];
}

export interface Shard {
  readonly path: string;
  readonly keys: readonly string[];
  /** Whether the checksum holds; looked at once. */
  readonly isWhole: () => Promise<boolean>;
  /** Row number `index` into `into`. */
  readonly read: (index: number, into: Uint8Array) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Fills `into` from a place in a file; false when the file ends before. */
async function readAt(file: FileHandle, into: Uint8Array, position: number): Promise<boolean> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) return false;
    done += bytesRead;
  }
  return true;
}

async function readHeader(file: FileHandle): Promise<{ start: number; header: Header } | null> {
  const length = Buffer.alloc(8);
  if (!(await readAt(file, length, 0))) return null;
  const bytes = Number(length.readBigUInt64LE());
  if (bytes > MAX_HEADER) return null;
  const json = Buffer.alloc(bytes);
  if (!(await readAt(file, json, 8))) return null;
  try {
    return { start: 8 + bytes, header: header.parse(JSON.parse(json.toString("utf8"))) };
  } catch {
    return null;
  }
}

/** How many rows of a file, and of how many bytes; null for no whole shard. Its checksum is not looked at. */
export async function shardShape(path: string): Promise<readonly [number, number] | null> {
  const file = await open(path, "r").catch(() => null);
  try {
    return (file && (await readHeader(file)))?.header.rows.shape ?? null;
  } finally {
    await file?.close();
  }
}

/** Opens a shard of rows of `rowBytes`; null when it is cut short or something else. Throws what opening a file throws. */
export async function openShard(path: string, rowBytes: number): Promise<Shard | null> {
  const file = await open(path, "r");
  const opened = await opening(path, file, rowBytes).catch(() => null);
  if (!opened) await file.close();
  return opened;
}

async function opening(path: string, file: FileHandle, rowBytes: number): Promise<Shard | null> {
  const found = await readHeader(file);
  if (!found) return null;
  const { start, header } = found;
  const [count, bytes] = header.rows.shape;
  const index = Buffer.alloc(count * KEY);
  const { size } = await file.stat();
  const end = start + index.length + count * bytes;
  if (bytes !== rowBytes || size !== end || !(await readAt(file, index, start))) return null;

  const check = async (): Promise<boolean> => {
    const hash = createHash("sha256");
    const chunk = Buffer.alloc(Math.min(CHUNK, end - start));
    for (let from = start; from < end; from += chunk.length) {
      const part = chunk.subarray(0, Math.min(chunk.length, end - from));
      if (!(await readAt(file, part, from))) return false;
      hash.update(part);
    }
    return hash.digest("hex") === header.__metadata__.sha256;
  };
  let whole: Promise<boolean> | null = null;
  return {
    path,
    keys: Array.from({ length: count }, (_, i) => index.toString("hex", i * KEY, (i + 1) * KEY)),
    isWhole: () => (whole ??= check().catch(() => false)),
    read: async (row, into) => {
      if (!(await readAt(file, into, start + index.length + row * bytes)))
        throw new Error(`${path} became shorter while it was read`);
    },
    close: () => file.close(),
  };
}
