/** @file `manifest.json`: what a complete run was. Written last, so its presence means that the run is complete. */
import { readFile } from "node:fs/promises";
import type { Config } from "../run/config/schema.ts";
import { writeFileAtomic } from "../run/files.ts";
import type { RunFolder } from "../run/folder.ts";
import { VERSION } from "../run/version.ts";
import type { Validation } from "../train/judge.ts";
import type { LoopState } from "../train/loop-state.ts";

type Manifest = ReturnType<typeof manifestOf>;

export const manifestOf = (
  config: Config,
  state: LoopState<Validation>,
  started: Date,
  feasible: boolean,
) => ({
  schema: "equiclip.run/1",
  name: config.name,
  equiclip: VERSION,
  node: process.versions.node,
  engine: config.engine,
  started: started.toISOString(),
  finished: new Date().toISOString(),
  steps: state.step,
  epochs: state.epoch,
  selectedEpoch: state.selected,
  /** Whether the kept epoch meets every constraint. */
  feasible,
});

export const writeManifest = (folder: RunFolder, manifest: Manifest): Promise<void> =>
  writeFileAtomic(folder.manifest, `${JSON.stringify(manifest, null, 2)}\n`);

export const readManifest = async (folder: RunFolder): Promise<Manifest> =>
  JSON.parse(await readFile(folder.manifest, "utf8")) as Manifest;
