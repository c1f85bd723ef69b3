/** @file The images that `equiclip embed` is given, and its prompts. */
import { readFile, stat } from "node:fs/promises";
import { extname } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { requireAccepted } from "../../data/accept.ts";
import { readCsv } from "../../data/csv.ts";
import { readFolder } from "../../data/folder.ts";
import { readImages } from "../../data/images.ts";
import { type Manifest, SPLITS } from "../../data/row.ts";
import { readUtkface } from "../../data/utkface.ts";
import { loadConfig } from "../../run/config/load.ts";
import { UsageError, messageOf } from "../../run/errors.ts";
import type { Progress } from "../../run/progress.ts";
import { prepareDataset } from "../../train/dataset.ts";
import { cacheOf } from "../session.ts";

export interface SourceOptions {
  /** `--set` pairs of a config. */
  readonly set: readonly string[];
  /** Columns of a table; `image` by default. */
  readonly image: string | undefined;
  readonly labels: readonly string[];
  /** Share of files that may be no row. */
  readonly maxBad: number;
}

/** Rows of a config with their splits. */
async function ofConfig(path: string, set: readonly string[], progress: Progress) {
  const config = await loadConfig(path, [...set, "balance={method: none}"]);
  const { rows, rejected } = await prepareDataset(config, progress, cacheOf(config));
  return { source: path, rows: SPLITS.flatMap((name) => rows[name]), rejected };
}

/** UTKFace where names parse as such, else one sub-folder per label, else images without labels. */
async function ofFolder(path: string): Promise<Manifest> {
  for (const read of [() => readUtkface(path), () => readFolder(path, "label")])
    try {
      return await read();
    } catch (thrown) {
      if (!(thrown instanceof UsageError)) throw thrown;
    }
  return readImages(path);
}

/** Throws UsageError when there is no image, EquiclipError when more than `maxBad` of the files are none. */
export async function embedSource(
  source: string,
  { set, image, labels, maxBad }: SourceOptions,
  progress: Progress,
): Promise<Manifest> {
  const ending = extname(source).toLowerCase();
  const isConfig = [".yaml", ".yml"].includes(ending);
  const isTable = [".csv", ".tsv"].includes(ending);
  if (!isConfig && set.length > 0)
    throw new UsageError(`--set belongs to a config, not to ${source}`);
  if (!isTable && (image !== undefined || labels.length > 0))
    throw new UsageError(
      `--${image === undefined ? "labels" : "image"} belongs to a table, not to ${source}`,
    );
  if (isConfig) return ofConfig(source, set, progress);
  const found = await stat(source).catch(() => null);
  if (!isTable && !found?.isDirectory())
    throw new UsageError(
      `${source}: expected a config (.yaml), a folder of images, or a table (.csv, .tsv), received ${found ? "another file" : "nothing: it does not exist"}`,
    );
  const manifest = isTable
    ? await readCsv(source, { image: image ?? "image", attributes: labels, numeric: [] })
    : await ofFolder(source);
  return requireAccepted(manifest, maxBad, [], "--max-bad");
}

const prompt = z.string().min(1);
const prompts = z.union([
  z.array(prompt).min(1),
  z.record(z.string(), z.union([prompt, z.array(prompt).min(1)])),
]);

/** A prompt, and the label that it stands for where the file says. */
export interface LabelledText {
  readonly text: string;
  readonly label: string | null;
}

/**
 * Prompts of a file: a line each; or YAML, a list of them or a map from label to one or several.
 * Throws UsageError when there is none, or one is there twice.
 */
export async function readTexts(path: string): Promise<LabelledText[]> {
  const content = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new UsageError(`${path}: cannot be read: ${messageOf(cause)}`, { cause });
  });
  const isYaml = [".yaml", ".yml"].includes(extname(path).toLowerCase());
  const parsed = prompts.safeParse(
    isYaml ? parseYaml(path, content) : content.split(/\r?\n/).filter((line) => line.trim() !== ""),
  );
  if (!parsed.success)
    throw new UsageError(
      `${path}: expected prompts, ${isYaml ? "a YAML list, or a map from label to prompts" : "one a line"}`,
    );
  const texts: LabelledText[] = Array.isArray(parsed.data)
    ? parsed.data.map((text) => ({ text, label: null }))
    : Object.entries(parsed.data).flatMap(([label, some]) =>
        [some].flat().map((text) => ({ text, label })),
      );
  const twice = texts.find(({ text }, i) => texts.findIndex((other) => other.text === text) < i);
  if (twice)
    throw new UsageError(`${path}: ${JSON.stringify(twice.text)} is there twice; leave one`);
  return texts;
}

function parseYaml(path: string, content: string): unknown {
  try {
    return parse(content);
  } catch (cause) {
    throw new UsageError(`${path}: no YAML: ${messageOf(cause).split("\n")[0]}`, { cause });
  }
}
