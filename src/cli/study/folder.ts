/** @file The folder of a study: what it is of, and the folder of each of its runs. */
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { UsageError } from "../../run/errors.ts";
import { writeFileAtomic } from "../../run/files.ts";
import { type RunFolder, type StartMode, differences, runFolder } from "../../run/folder.ts";
import type { Job } from "../../study/strategies.ts";

/** Paths inside the folder. */
export interface StudyFolder {
  readonly root: string;
  /** What all runs have in common. */
  readonly options: string;
  /** Drawn faces, where no photographs are used. */
  readonly faces: string;
  readonly result: string;
  readonly reportHtml: string;
  readonly reportMarkdown: string;
  readonly run: (job: Pick<Job, "config" | "seed">) => RunFolder;
}

export function studyFolder(root: string): StudyFolder {
  const at = (name: string): string => join(root, name);
  return {
    root,
    options: at("study.yaml"),
    faces: at("faces"),
    result: at("result.json"),
    reportHtml: at("report.html"),
    reportMarkdown: at("report.md"),
    run: ({ config, seed }) => runFolder(join(root, "runs", config, `seed-${seed}`)),
  };
}

/** What the runs of a folder have in common; seeds and strategies may be added. */
export interface StudyOptions {
  readonly study: string;
  /** Folder of UTKFace files; null for drawn faces. */
  readonly data: string | null;
  readonly scale: number;
  /** The CLIP of strategies that take one; null for that of their configs. */
  readonly model: string | null;
  readonly set: readonly string[];
}

/**
 * Makes the folder ready, as that of a run: `new` wants an unused one, `resume` one of the same options or an unused
 * one, `fresh` empties a study first. Throws UsageError that says which flag to use.
 */
export async function openStudyFolder(
  folder: StudyFolder,
  options: StudyOptions,
  mode: StartMode,
): Promise<void> {
  const { root } = folder;
  await mkdir(root, { recursive: true });
  const started = existsSync(folder.options);
  const [first] = await readdir(root);
  if (first !== undefined && !started)
    throw new UsageError(
      `${root} is no study, but holds ${first}: expected a new or empty folder; choose another with --out`,
    );
  if (started && mode === "new")
    throw new UsageError(
      `${root} holds a study already: expected an unused folder; go on with --resume, replace it with --fresh, or choose another with --out`,
    );
  if (started && mode === "fresh")
    for (const name of await readdir(root)) await rm(join(root, name), { recursive: true });
  if (started && mode === "resume") {
    const before: unknown = parse(await readFile(folder.options, "utf8"));
    const changed = differences(before, JSON.parse(JSON.stringify(options)), "");
    if (changed.length > 0)
      throw new UsageError(
        `${root} was started with other options: ${changed.join(", ")} changed; --resume needs the same ones (seeds and strategies may differ), --fresh starts again`,
      );
  } else await writeFileAtomic(folder.options, stringify(options));
}

/** What is kept of a run beside what its own command keeps; its presence means that the run is complete. */
const Finished = z.object({
  seconds: z.number(),
  epochs: z.number().nullable(),
  trained: z.number().nullable(),
});
export type Finished = z.infer<typeof Finished>;

const finishedPath = ({ root }: RunFolder): string => join(root, "finished.json");

export const writeFinished = (folder: RunFolder, finished: Finished): Promise<void> =>
  writeFileAtomic(finishedPath(folder), `${JSON.stringify(finished)}\n`);

/** Null where the run is not complete. */
export async function readFinished(folder: RunFolder): Promise<Finished | null> {
  const path = finishedPath(folder);
  return existsSync(path) ? Finished.parse(JSON.parse(await readFile(path, "utf8"))) : null;
}
