/**
 * @file Results that are kept on disk from run to run, under keys that say what they are made of.
 *
 * Nothing is ever changed in place: every run adds shards of its own, complete before they get their name, so that runs side
 * by side at worst compute something twice. A cache that cannot be read or written costs time, never a result.
 */
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../errors.ts";
import { writeFileAtomic } from "../files.ts";
import { ABOUT, type About, pruneCache } from "./files.ts";
import { FORMAT, type Shard, encodeShard, openShard } from "./shard.ts";

/** Bytes of rows that are gathered before they are written: what a kill may lose. */
const SHARD_BYTES = 67_108_864;
/** Shards below a quarter of that, of which so many are made into larger ones: a run opens them all. */
const MANY = 64;

export interface CacheOptions {
  readonly folder: string;
  /** Bytes; what was not used for longest makes room. */
  readonly limit: number;
  /** Told once why nothing is kept any more. */
  readonly warn: (line: string) => void;
}

/** Rows of one kind and size. */
export interface Table {
  readonly has: (key: string) => boolean;
  /** Copies a row into `into`; false when there is none, or it turns out damaged. */
  readonly read: (key: string, into: Uint8Array) => Promise<boolean>;
  /** Keeps a copy of a row. @param key SHA-256 in hexadecimal. */
  readonly write: (key: string, row: Uint8Array) => Promise<void>;
  /** Writes what is gathered. */
  readonly flush: () => Promise<void>;
  /** Writes what is gathered, and ends. */
  readonly close: () => Promise<void>;
}

export interface Cache {
  /** Bytes. */
  readonly limit: number;
  /** Opens the table of this kind. Two that are told apart by nothing in `about` are one. @param rowBytes of each row. */
  readonly table: (about: About, rowBytes: number) => Promise<Table>;
}

export function openCache({ folder: root, limit, warn }: CacheOptions): Cache {
  const used = new Set<string>(); // shards that this run needs
  let isWriting = true;
  const stop = (reason: string): void => {
    if (isWriting) warn(`cache: ${reason}; the run goes on, but keeps no more for later runs`);
    isWriting = false;
  };

  return {
    limit,
    async table(about, rowBytes) {
      const identity = JSON.stringify([FORMAT, about, rowBytes]);
      const name = createHash("sha256").update(identity).digest("hex").slice(0, 32);
      const folder = join(root, name);
      const places = new Map<string, { shard: Shard; row: number }>();
      const shards = new Set<Shard>();
      let gathered = new Map<string, Uint8Array>();

      const add = (shard: Shard): void => {
        shards.add(shard);
        shard.keys.forEach((key, row) => places.set(key, { shard, row }));
      };
      const drop = async (shard: Shard): Promise<void> => {
        if (!shards.delete(shard)) return;
        for (const key of shard.keys) if (places.get(key)?.shard === shard) places.delete(key);
        used.delete(shard.path);
        await shard.close();
        await rm(shard.path, { force: true }).catch(() => {});
      };
      /** Whether a shard may be believed; a damaged one is removed. */
      const isGood = async (shard: Shard): Promise<boolean> => {
        if (!(await shard.isWhole())) {
          await drop(shard);
          return false;
        }
        if (!used.has(shard.path)) {
          used.add(shard.path);
          const now = new Date();
          await utimes(shard.path, now, now).catch(() => {}); // a cache that may only be read
        }
        return true;
      };

      for (const file of await readdir(folder).catch(() => [])) {
        if (!file.endsWith(".safetensors")) continue;
        const path = join(folder, file);
        const shard = await openShard(path, rowBytes).catch(() => undefined); // it may be whole all the same
        if (shard) add(shard);
        else if (shard === null) await rm(path, { force: true }).catch(() => {});
      }

      const flush = async (): Promise<void> => {
        if (gathered.size === 0) return;
        const rows = gathered;
        gathered = new Map();
        const parts = encodeShard([...rows.keys()], [...rows.values()]);
        const bytes = parts.reduce((sum, part) => sum + part.length, 0);
        const path = join(folder, `${randomUUID()}.safetensors`);
        try {
          const left = await pruneCache(root, { limit: limit - bytes, keep: used });
          if (left.bytes + bytes > limit)
            return stop(`what this run uses fills its limit of ${(limit / 1e9).toFixed(1)} GB`);
          const told = `${JSON.stringify({ format: FORMAT, ...about })}\n`;
          await writeFileAtomic(join(folder, ABOUT), told, false);
          await writeFileAtomic(path, parts, false);
        } catch (cause) {
          return stop(messageOf(cause).split(";")[0]!);
        }
        used.add(path);
        const shard = await openShard(path, rowBytes).catch(() => null);
        if (shard) add(shard);
      };

      const merge = async (): Promise<void> => {
        const small = [...shards].filter(
          // one that is gone may have become part of another already
          ({ keys, path }) => keys.length * rowBytes < SHARD_BYTES / 4 && existsSync(path),
        );
        if (small.length < MANY) return;
        for (const shard of small) {
          if (!(await isGood(shard))) continue;
          for (const [row, key] of shard.keys.entries()) {
            const into = new Uint8Array(rowBytes);
            await shard.read(row, into);
            gathered.set(key, into);
          }
          if (gathered.size * rowBytes >= SHARD_BYTES) await flush();
        }
        await flush();
        if (isWriting) for (const shard of small) await drop(shard);
      };

      return {
        has: (key) => gathered.has(key) || places.has(key),
        async read(key, into) {
          const waiting = gathered.get(key);
          if (waiting) {
            into.set(waiting);
            return true;
          }
          const place = places.get(key);
          if (!place || !(await isGood(place.shard))) return false;
          return place.shard.read(place.row, into).then(
            () => true,
            async () => {
              await drop(place.shard);
              return false;
            },
          );
        },
        async write(key, row) {
          if (!isWriting || gathered.has(key) || places.has(key)) return;
          gathered.set(key, row.slice());
          if (gathered.size * rowBytes >= SHARD_BYTES) await flush();
        },
        flush,
        async close() {
          await flush();
          if (isWriting) await merge().catch(() => {}); // what is there stays as it was
          // first: work that was begun may still ask, and what it cannot read is not damaged
          const open = [...shards];
          shards.clear();
          places.clear();
          for (const shard of open) await shard.close();
        },
      };
    },
  };
}
