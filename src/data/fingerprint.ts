/** @file What an image is recognised by: its bytes, its difference hash, a thumbnail. */
import { createHash } from "node:crypto";
import type { Cache } from "../run/cache/cache.ts";
import { decodeImage } from "./decode.ts";
import { dhash } from "./dhash.ts";
import { toGrey } from "./grey.ts";
import { resize } from "./resize.ts";

/** Side of the thumbnail, in pixels. */
export const THUMBNAIL = 32;

export interface Fingerprint {
  /** Of the file's bytes, hexadecimal. */
  readonly sha256: string;
  /** Difference hash, 16 hexadecimal digits. */
  readonly dhash: string;
  /** Grey levels of the picture at 32 x 32. */
  readonly thumbnail: Uint8Array; // [32 * 32]
  /** Of the upright picture, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** Fingerprint of an image file's bytes. Throws EquiclipError when they cannot be decoded. */
export async function fingerprint(bytes: Uint8Array): Promise<Fingerprint> {
  return made(bytes, sha256(bytes));
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function made(bytes: Uint8Array, sha256: string): Promise<Fingerprint> {
  const image = await decodeImage(bytes);
  const grey = toGrey(image);
  const small = resize(grey, THUMBNAIL, THUMBNAIL, "bilinear");
  return {
    sha256,
    dhash: dhash(grey),
    thumbnail: small.data.filter((_, i) => i % 3 === 0),
    width: image.width,
    height: image.height,
  };
}

/** A fingerprint but for its SHA-256: width, height, difference hash, thumbnail. Little-endian. */
const HASH = 8;
const ROW = 8 + HASH + THUMBNAIL * THUMBNAIL;

function toRow({ width, height, dhash, thumbnail }: Fingerprint): Uint8Array {
  const row = Buffer.alloc(ROW);
  row.writeUInt32LE(width, 0);
  row.writeUInt32LE(height, 4);
  row.write(dhash, 8, "hex");
  row.set(thumbnail, 8 + HASH);
  return row;
}

const fromRow = (row: Buffer, sha256: string): Fingerprint => ({
  sha256,
  width: row.readUInt32LE(0),
  height: row.readUInt32LE(4),
  dhash: row.toString("hex", 8, 8 + HASH),
  thumbnail: new Uint8Array(row.subarray(8 + HASH)),
});

/** `fingerprint`, which remembers what it made of the same bytes before. */
export interface Fingerprints {
  readonly of: typeof fingerprint;
  readonly close: () => Promise<void>;
}

/** @param cache null remembers nothing. */
export async function openFingerprints(cache: Cache | null): Promise<Fingerprints> {
  if (!cache) return { of: fingerprint, close: async () => {} };
  const about = { kind: "image fingerprints", about: { of: "bytes of image files", version: "1" } };
  const table = await cache.table(about, ROW);
  return {
    async of(bytes) {
      const key = sha256(bytes);
      const row = Buffer.alloc(ROW);
      if (await table.read(key, row)) return fromRow(row, key);
      const print = await made(bytes, key);
      await table.write(key, toRow(print));
      return print;
    },
    close: table.close,
  };
}
