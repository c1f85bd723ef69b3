/** @file Clusters out of the explorer: a manifest, and a folder of pictures per cluster. */
import {
  copyFile,
  lstat,
  link,
  mkdir,
  readFile,
  readlink,
  rename,
  rm,
  rmdir,
  stat,
  symlink,
  utimes,
} from "node:fs/promises";
import { basename, dirname, extname, join, relative, resolve, sep } from "node:path";
import { stringify } from "csv-stringify/sync";
import { compareText } from "../../data/cells.ts";
import { EquiclipError, messageOf } from "../../run/errors.ts";
import { writeFileAtomic } from "../../run/files.ts";
import { type Progress, silent } from "../../run/progress.ts";
import type { Clustering } from "../cluster/clustering.ts";

export interface ClusterEntry {
  readonly id: string;
  /** Of the image. */
  readonly path: string;
  /** -1 for noise. */
  readonly cluster: number;
  /** Euclidean, to the cluster's centre; null for noise. */
  readonly distance: number | null;
}

/**
 * Every row once, in the order given.
 * @throws EquiclipError when two rows have one id
 */
export function clusterManifest(
  rows: readonly { readonly id: string; readonly path: string }[],
  { labels, distances }: Pick<Clustering, "labels" | "distances">,
): ClusterEntry[] {
  const seen = new Set<string>();
  return rows.map(({ id, path }, row) => {
    if (seen.has(id))
      throw new EquiclipError(`cluster manifest: ${id} is there twice; expected every row once`);
    seen.add(id);
    const distance = distances[row]!;
    return { id, path, cluster: labels[row]!, distance: Number.isNaN(distance) ? null : distance };
  });
}

/** A path as a manifest in `folder` has it: relative, with `/` on every system. */
export const pathFrom = (folder: string, path: string): string =>
  relative(resolve(folder), resolve(path)).split(sep).join("/");

/** Writes NAME.csv and NAME.json. Paths are relative to the folder. */
export async function writeClusterManifest(
  folder: string,
  name: string,
  entries: readonly ClusterEntry[],
): Promise<void> {
  const written = entries.map((entry) => ({ ...entry, path: pathFrom(folder, entry.path) }));
  const header = ["id", "path", "cluster", "distance"] as const;
  const lines = written.map((entry) => header.map((column) => entry[column] ?? ""));
  await writeFileAtomic(join(folder, `${name}.csv`), stringify([header, ...lines]));
  await writeFileAtomic(join(folder, `${name}.json`), `${JSON.stringify(written, null, 1)}\n`);
}

/** The file that says which files an export made, and may so remove. */
const RECORD = "equiclip-export.json";

interface Exported {
  /** Path below the folder, with `/`. */
  readonly file: string;
  /** Absolute path of the image. */
  readonly source: string;
}
interface Record {
  readonly how: "link" | "copy";
  /** Whether it came to its end; else some of the files may not be there. */
  readonly complete: boolean;
  readonly files: readonly Exported[];
}

export interface ExportResult {
  readonly files: number;
  /** Made now; the others were there from an export before. */
  readonly made: number;
  readonly removed: number;
  /** What was not done as asked, one line each. */
  readonly notes: readonly string[];
}

/**
 * Fills `folder` with cluster_00, cluster_01, ... and noise, a picture each under its own name; names that collide, in
 * whatever case, get a number. Files of an earlier export are removed first, others never touched. Cut short at any
 * moment, the next export goes on: each file comes into being whole, and is written down before.
 * @param how symbolic links (hard ones where the system refuses those), or copies
 * @throws EquiclipError when a file that no export made stands in the way, or cannot be made
 */
export async function exportClusters(
  folder: string,
  entries: readonly ClusterEntry[],
  how: "link" | "copy",
  progress: Progress = silent,
): Promise<ExportResult> {
  const root = resolve(folder);
  const earlier = await readRecord(root);
  const files = namesOf(entries);
  const record = (of: Partial<Record>): Promise<void> =>
    writeFileAtomic(
      join(root, RECORD),
      `${JSON.stringify({ how, complete: false, files, ...of })}\n`,
    );
  const wanted = new Map(files.map((file) => [file.file, file.source]));
  const ours = new Map(earlier.files.map((file) => [file.file, file.source]));
  for (const { file } of files)
    if (!ours.has(file) && (await exists(join(root, file))))
      throw new EquiclipError(
        `${join(root, file)}: there is a file that no export made; move it away or export to another folder`,
      );
  // an interrupted export must still be known to have made what it made
  await record({ files: [...files, ...earlier.files.filter(({ file }) => !wanted.has(file))] });

  let removed = 0;
  for (const { file, source } of earlier.files) {
    if (earlier.how === how && wanted.get(file) === source) continue;
    if (await exists(join(root, file))) removed++;
    await rm(join(root, file), { force: true });
    ours.delete(file);
  }
  const folders = new Set([...earlier.files, ...files].map(({ file }) => dirname(file)));
  for (const name of folders) await rmdir(join(root, name)).catch(() => {}); // those that are empty now

  const refused = { symbolic: false };
  let made = 0;
  progress.start("export", files.length);
  for (const [i, { file, source }] of files.entries()) {
    const to = join(root, file);
    if (!(ours.has(file) && (await isDone(to, source, how)))) {
      await make(to, source, how, refused);
      made++;
    }
    progress.update(i + 1);
  }
  progress.stop();
  await record({ complete: true });
  return {
    files: files.length,
    made,
    removed,
    notes: refused.symbolic ? ["this system refuses symbolic links: hard links were made"] : [],
  };
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

async function readRecord(root: string): Promise<Record> {
  const path = join(root, RECORD);
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return { how: "link", complete: true, files: [] };
  try {
    const { how, complete, files } = JSON.parse(text) as Record;
    // nothing outside of the folder is ever removed, whatever the file says
    const isBelow = ({ file }: Exported): boolean => FILE.test(file) && !file.includes("..");
    if (files.every(isBelow)) return { how, complete, files };
  } catch {
    // told below
  }
  throw new EquiclipError(
    `${path}: not the record of an export; expected what an export wrote, move it and the folders beside it away`,
  );
}
const FILE = /^(?:cluster_\d+|noise)\/[^/\\]+$/;

/** Whether an earlier, perhaps interrupted, export made this file. */
async function isDone(to: string, source: string, how: "link" | "copy"): Promise<boolean> {
  const found = await lstat(to).catch(() => null);
  if (!found) return false;
  if (found.isSymbolicLink())
    return how === "link" && resolve(dirname(to), await readlink(to)) === source;
  const of = await stat(source).catch(() => null);
  if (!of) return false;
  // a hard link is the file itself, and a copy has its size and time
  return how === "link"
    ? found.ino === of.ino && found.dev === of.dev
    : found.size === of.size && Math.abs(found.mtimeMs - of.mtimeMs) < 2000;
}

/** Makes a file under a temporary name, then renames it. */
async function make(
  to: string,
  source: string,
  how: "link" | "copy",
  refused: { symbolic: boolean },
): Promise<void> {
  const temporary = join(dirname(to), `.${basename(to)}.tmp`);
  try {
    await mkdir(dirname(to), { recursive: true });
    await rm(temporary, { force: true });
    if (how === "copy") {
      await copyFile(source, temporary);
      const { atime, mtime } = await stat(source);
      await utimes(temporary, atime, mtime);
    } else {
      await stat(source); // a link to nothing would be made without complaint
      if (!refused.symbolic)
        await symlink(source, temporary, "file").catch((thrown: NodeJS.ErrnoException) => {
          if (thrown.code !== "EPERM" && thrown.code !== "ENOTSUP") throw thrown;
          refused.symbolic = true; // Windows without developer mode
        });
      if (refused.symbolic) await link(source, temporary);
    }
    await rename(temporary, to);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new EquiclipError(
      `cannot ${how} ${source} to ${to}: ${messageOf(cause)}; make room or choose exportImages: none`,
      1,
      { cause },
    );
  }
}

/** Names of the files: base names, which Windows takes, too, and which differ by more than their case. */
function namesOf(entries: readonly ClusterEntry[]): Exported[] {
  const digits = Math.max(2, String(Math.max(0, ...entries.map(({ cluster }) => cluster))).length);
  const taken = new Set<string>();
  // sorted, so that numbers do not depend on the order of the rows
  return entries
    .toSorted((a, b) => compareText(a.id, b.id))
    .map(({ path, cluster }) => {
      const folder = cluster < 0 ? "noise" : `cluster_${String(cluster).padStart(digits, "0")}`;
      const name = safeName(basename(path));
      const suffix = extname(name);
      const stem = name.slice(0, name.length - suffix.length);
      const keyOf = (file: string): string => file.normalize("NFC").toLowerCase();
      let file = `${folder}/${name}`;
      for (let n = 2; taken.has(keyOf(file)); n++) file = `${folder}/${stem}-${n}${suffix}`;
      taken.add(keyOf(file));
      return { file, source: resolve(path) };
    });
}

// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[<>:"/\\|?*\u0000-\u001F]/g;
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
const LONGEST = 200; // of 255 bytes, with room for a number and for the temporary name

/** A file name that every system takes (Microsoft, "Naming Files, Paths, and Namespaces"). */
export function safeName(name: string): string {
  const suffix = extname(name).slice(0, 16);
  let stem = name.slice(0, name.length - extname(name).length).replaceAll(FORBIDDEN, "_");
  while (Buffer.byteLength(stem) > LONGEST) stem = [...stem].slice(0, -1).join("");
  const whole = `${stem}${suffix.replaceAll(FORBIDDEN, "_")}`
    .replace(/[. ]+$/, "_")
    .replace(/^\.+/, "_");
  return RESERVED.test(whole) ? `_${whole}` : whole || "_";
}
