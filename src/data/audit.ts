/** @file What is in a manifest, and what is wrong with it. */
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import type { Cache } from "../run/cache/cache.ts";
import { EquiclipError, messageOf } from "../run/errors.ts";
import { byId, groupBy } from "./cells.ts";
import { Components } from "./components.ts";
import { type Distributions, distributions } from "./distributions.ts";
import { nearDuplicates } from "./duplicates.ts";
import { type Fingerprint, type Fingerprints, openFingerprints } from "./fingerprint.ts";
import type { Manifest, Rejected, Row } from "./row.ts";

/** Images of one picture that do not agree on what it shows. */
export interface Conflict {
  readonly ids: readonly string[];
  /** Whether their bytes are equal, or only their pictures. */
  readonly kind: "bytes" | "picture";
  /** Attributes and numbers on which the labels differ. */
  readonly attributes: readonly string[];
}

/** Plain data: `JSON.stringify` keeps all of it. */
export interface Audit extends Distributions {
  readonly source: string;
  /** Rows of the manifest. */
  readonly rows: number;
  /** Files and records that did not become rows. */
  readonly rejected: readonly Rejected[];
  /** Rows whose image is missing, empty, damaged or no image. */
  readonly unreadable: readonly Rejected[];
  /** Images by size in pixels, the most frequent first. */
  readonly sizes: readonly {
    readonly width: number;
    readonly height: number;
    readonly count: number;
  }[];
  /** Groups of rows with the same bytes. */
  readonly byteDuplicates: readonly (readonly string[])[];
  /** Groups of rows that show the same picture in at least two different files. */
  readonly nearDuplicates: readonly (readonly string[])[];
  readonly conflicts: readonly Conflict[];
  /** Hashes of every readable image, by id. */
  readonly images: readonly {
    readonly id: string;
    readonly sha256: string;
    readonly dhash: string;
  }[];
}

export interface AuditOptions {
  /** Images in work at a time; by default one a processor. */
  readonly concurrency?: number;
  /** Remembers what images look like, by their bytes. */
  readonly cache?: Cache | null;
  /** Called after every image. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Reads every image of a manifest once. Bad images are findings, not errors. About 1 KB of memory an image. */
export async function auditManifest(
  manifest: Manifest,
  { concurrency = availableParallelism(), cache = null, onProgress }: AuditOptions = {},
): Promise<Audit> {
  const rows = byId(manifest.rows);
  const results: (Fingerprint | Rejected)[] = [];
  let next = 0;
  let done = 0;
  const prints = await openFingerprints(cache);
  const work = async (): Promise<void> => {
    while (next < rows.length) {
      const i = next++;
      results[i] = await examine(rows[i]!, prints);
      onProgress?.(++done, rows.length);
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, work));
  } finally {
    await prints.close();
  }

  const unreadable = results.filter((result) => "reason" in result);
  const readable = results.flatMap((result, i) =>
    "reason" in result ? [] : [{ row: rows[i]!, print: result }],
  );
  const rowsOf = (group: readonly number[]): Row[] => group.map((i) => readable[i]!.row);
  const same = groupBy([...readable.keys()], (i) => readable[i]!.print.sha256);
  const byBytes = [...same.values()].filter((group) => group.length > 1);
  const byPicture = nearDuplicates(readable.map(({ print }) => print)).filter(
    (group) => new Set(group.map((i) => readable[i]!.print.sha256)).size > 1,
  );
  return {
    source: manifest.source,
    rows: rows.length,
    rejected: manifest.rejected,
    unreadable,
    ...distributions(rows),
    sizes: sizesOf(readable.map(({ print }) => print)),
    byteDuplicates: byBytes.map((group) => idsOf(rowsOf(group))),
    nearDuplicates: byPicture.map((group) => idsOf(rowsOf(group))),
    conflicts: [
      ...byBytes.flatMap((group) => conflict(rowsOf(group), "bytes")),
      ...byPicture.flatMap((group) => conflict(rowsOf(group), "picture")),
    ],
    images: readable.map(({ row, print }) => ({
      id: row.id,
      sha256: print.sha256,
      dhash: print.dhash,
    })),
  };
}

async function examine({ id, path }: Row, prints: Fingerprints): Promise<Fingerprint | Rejected> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    return { id, reason: `cannot be read: ${messageOf(cause)}` };
  }
  try {
    return await prints.of(bytes);
  } catch (cause) {
    if (!(cause instanceof EquiclipError)) throw cause;
    return { id, reason: cause.message };
  }
}

const idsOf = (rows: readonly Row[]): string[] => rows.map((row) => row.id);

function sizesOf(prints: readonly Fingerprint[]): Audit["sizes"] {
  const groups = [...groupBy(prints, ({ width, height }) => `${width} ${height}`).values()];
  return groups
    .map((group) => ({ width: group[0]!.width, height: group[0]!.height, count: group.length }))
    .sort((a, b) => b.count - a.count || a.width - b.width || a.height - b.height);
}

function conflict(rows: readonly Row[], kind: Conflict["kind"]): Conflict[] {
  const facts = rows.map((row): Record<string, string | number> => ({
    ...row.labels,
    ...row.numbers,
  }));
  const attributes = Object.keys(facts[0]!).filter(
    (name) => new Set(facts.map((fact) => fact[name])).size > 1,
  );
  return attributes.length === 0 ? [] : [{ ids: idsOf(rows), kind, attributes }];
}

/**
 * Sets the cluster of every row that has a duplicate to the id of its first member. Clusters the rows had already are kept
 * together, and joined where a duplicate connects them.
 */
export function withClusters(manifest: Manifest, audit: Audit): Manifest {
  const rows = byId(manifest.rows);
  const position = new Map(rows.map((row, i) => [row.id, i]));
  const given = groupBy(
    rows.filter((row) => row.cluster !== null),
    (row) => row.cluster!,
  );
  const components = new Components(rows.length);
  for (const group of [
    ...audit.byteDuplicates,
    ...audit.nearDuplicates,
    ...[...given.values()].map(idsOf),
  ]) {
    const members = group.flatMap((id) => position.get(id) ?? []);
    for (const member of members) components.join(members[0]!, member);
  }
  const clusters = new Map<string, string>();
  for (const group of components.groups()) {
    for (const i of group) clusters.set(rows[i]!.id, rows[group[0]!]!.id);
  }
  return {
    ...manifest,
    rows: manifest.rows.map((row) => ({ ...row, cluster: clusters.get(row.id) ?? row.cluster })),
  };
}
