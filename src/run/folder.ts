/** @file The folder of one run: where everything lies, and whether it may be started, resumed or replaced. */
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { stringify } from "yaml";
import { parseConfig } from "./config/load.ts";
import type { Config } from "./config/schema.ts";
import { EquiclipError, UsageError, messageOf } from "./errors.ts";
import { removeTemporaries, writeFileAtomic } from "./files.ts";

/** Paths inside a run folder. */
export interface RunFolder {
  readonly root: string;
  /** The config with every default filled in. */
  readonly config: string;
  readonly plan: string;
  readonly log: string;
  readonly events: string;
  /** Resumable state of training; a Hugging Face folder besides. */
  readonly last: string;
  /** Resumable state of a first training that looks for rows it gets wrong; gone when it has. */
  readonly identification: string;
  /** What that training predicted of each row. */
  readonly identified: string;
  /** The selected checkpoint: a Hugging Face folder. */
  readonly best: string;
  /** Test rows as the selected model sees them. */
  readonly predictions: string;
  /** The same rows after an eraser. */
  readonly predictionsAfter: (method: string) => string;
  /** A folder with the report of a prompt set and its predictions. */
  readonly promptSet: (name: string) => string;
  /** A folder with the report of an output beside the target and its predictions. */
  readonly output: (name: string) => string;
  /** What was chosen of each debiasing method. */
  readonly variants: string;
  /** Of a table of predictions: the thresholds that were fitted for each group. */
  readonly thresholds: string;
  /** A Hugging Face folder: the weights that `wise` chose, where it was asked for. */
  readonly wise: string;
  readonly reportJson: string;
  readonly reportHtml: string;
  readonly reportMarkdown: string;
  /** Written last: its presence means the run is complete. */
  readonly manifest: string;
}

export function runFolder(root: string): RunFolder {
  const at = (name: string): string => join(root, name);
  return {
    root,
    config: at("config.yaml"),
    plan: at("data-plan.json"),
    log: at("log.jsonl"),
    events: at("tensorboard"),
    last: at("last"),
    identification: at("identification"),
    identified: at("identified.json"),
    best: at("best"),
    predictions: at("predictions.csv"),
    predictionsAfter: (method) => at(`predictions.${method.replace(/[^\w.-]+/g, "-")}.csv`),
    promptSet: (name) => at(`prompts-${name}`),
    output: (name) => at(`output-${name}`),
    variants: at("variants.json"),
    thresholds: at("thresholds.json"),
    wise: at("wise"),
    reportJson: at("report.json"),
    reportHtml: at("report.html"),
    reportMarkdown: at("report.md"),
    manifest: at("manifest.json"),
  };
}

export type StartMode = "new" | "resume" | "fresh";

/** Keys whose values differ between two configs, as `train.lr`. */
export function differences(a: unknown, b: unknown, path: string): string[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  const isMap = (x: unknown): x is Record<string, unknown> =>
    typeof x === "object" && x !== null && !Array.isArray(x);
  if (!isMap(a) || !isMap(b)) return [path];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
    differences(a[key], b[key], path === "" ? key : `${path}.${key}`),
  );
}

/** Deletes a run, its config last: cut short, it is still a run that --fresh may delete. */
async function empty(folder: RunFolder): Promise<void> {
  await rm(folder.manifest, { force: true });
  const config = basename(folder.config);
  for (const name of await readdir(folder.root))
    if (name !== config) await rm(join(folder.root, name), { recursive: true });
  await rm(folder.config);
}

/**
 * Makes the folder ready: `new` wants an unused one, `resume` one of the same config or an unused one, `fresh` empties a
 * run first. Returns whether the run is complete already. Throws UsageError that says which flag to use.
 */
export async function openRunFolder(
  folder: RunFolder,
  config: Config,
  mode: StartMode,
): Promise<{ complete: boolean }> {
  const { root } = folder;
  try {
    await mkdir(root, { recursive: true });
    await removeTemporaries(root);
    if (mode === "fresh" && existsSync(folder.config)) await empty(folder);
    const [first] = await readdir(root);
    if (first === undefined) {
      await writeFileAtomic(folder.config, stringify(config));
      return { complete: false };
    }
    if (!existsSync(folder.config))
      throw new UsageError(
        `${root} is no run, but holds ${first}: expected a new or empty folder; choose another with --out`,
      );
  } catch (cause) {
    if (cause instanceof EquiclipError) throw cause;
    throw new EquiclipError(
      `cannot use ${root} as run folder: ${messageOf(cause)}; choose another with --out`,
      1,
      { cause },
    );
  }
  if (mode !== "resume")
    throw new UsageError(
      `${root} holds a run already: expected an unused folder; go on with --resume, replace it with --fresh, or choose another with --out`,
    );
  const changed = differences(await readRunConfig(folder), config, "");
  if (changed.length > 0)
    throw new UsageError(
      `${root} was started with another config: ${changed.join(", ")} changed; --resume needs the same one, --fresh starts again`,
    );
  return { complete: existsSync(folder.manifest) };
}

/** The resolved config of a run. Throws UsageError when the folder is no run. */
export async function readRunConfig(folder: RunFolder): Promise<Config> {
  const text = await readFile(folder.config, "utf8").catch(() => {
    throw new UsageError(
      `${folder.root} is no run: expected a folder written by \`equiclip train\`, with config.yaml in it`,
    );
  });
  return parseConfig(folder.config, text);
}
