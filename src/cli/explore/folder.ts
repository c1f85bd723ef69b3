/** @file The folder of an exploration: what lies where in it, and whether it may be used. */
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import type { ExploreConfig } from "../../run/config/explore.ts";
import { UsageError } from "../../run/errors.ts";
import { removeTemporaries, writeFileAtomic } from "../../run/files.ts";

/** Paths inside the folder. */
export interface ExploreFolder {
  readonly root: string;
  /** The config with every default filled in. */
  readonly config: string;
  /** Of each encoder, with what they came from. */
  readonly embeddings: string;
  /** Maps and clusters that are done: the same command takes them from here. */
  readonly steps: string;
  readonly charts: string;
  /** Cluster of each row, and a folder of images per cluster where one is asked for. */
  readonly clusters: string;
  /** A picture of pictures per cluster. */
  readonly sheets: string;
  /** Of study 000: its tables, and a picture per quadruplet. */
  readonly quadruplets: string;
  /** What to keep so that groups are level. */
  readonly plan: string;
  readonly result: string;
  readonly reportHtml: string;
  readonly reportMarkdown: string;
}

export function exploreFolder(root: string): ExploreFolder {
  const at = (name: string): string => join(root, name);
  return {
    root,
    config: at("config.yaml"),
    embeddings: at("embeddings"),
    steps: at("steps"),
    charts: at("charts"),
    clusters: at("clusters"),
    sheets: at("sheets"),
    quadruplets: at("quadruplets"),
    plan: at("plan"),
    result: at("result.json"),
    reportHtml: at("report.html"),
    reportMarkdown: at("report.md"),
  };
}

/**
 * Makes the folder ready: a new one, or one of an exploration, whose config may have changed: what it changes is computed
 * again, the rest is there.
 * @param fresh empties it first
 * @throws UsageError when it holds anything else
 */
export async function openExploreFolder(
  folder: ExploreFolder,
  config: ExploreConfig,
  fresh: boolean,
): Promise<void> {
  const { root } = folder;
  await mkdir(root, { recursive: true });
  const names = await readdir(root);
  const isOurs = existsSync(folder.config);
  if (names.length > 0 && !isOurs)
    throw new UsageError(
      `${root} is no exploration, but holds ${names[0]}: expected a new or empty folder; choose another with --out`,
    );
  if (fresh)
    for (const name of names)
      if (join(root, name) !== folder.config) await rm(join(root, name), { recursive: true });
  await removeTemporaries(root);
  const text = stringify(config);
  const before = isOurs ? await readFile(folder.config, "utf8") : text;
  // what was found by another config would be taken for this one's, should it not come to its end
  if (before !== text)
    for (const file of [folder.result, folder.reportHtml, folder.reportMarkdown])
      await rm(file, { force: true });
  await writeFileAtomic(folder.config, text);
}
