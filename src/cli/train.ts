/** @file `equiclip train`: from a config to a report. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CommandModule } from "yargs";
import { loadConfig } from "../run/config/load.ts";
import { EXIT } from "../run/errors.ts";
import { type RunFolder, type StartMode, openRunFolder, runFolder } from "../run/folder.ts";
import { terminalProgress } from "../run/progress.ts";
import { runExperiment } from "./experiment.ts";
import { readManifest } from "./run-manifest.ts";

interface Args {
  config: string;
  out: string | undefined;
  resume: boolean | undefined;
  fresh: boolean | undefined;
  set: string[];
  json: boolean;
}

export const trainCommand: CommandModule<object, Args> = {
  command: "train <config>",
  describe: "fine-tune under a fairness constraint, then report before and after debiasing",
  builder: (y) =>
    y
      .positional("config", { type: "string", demandOption: true, describe: "YAML file" })
      .option("out", { type: "string", describe: "run folder [checkpoints/NAME]" })
      .option("resume", {
        type: "boolean",
        describe: "go on where the run stopped; starts it when there is none",
      })
      .option("fresh", { type: "boolean", describe: "replace a run that is there" })
      .conflicts("resume", "fresh")
      .option("set", {
        type: "string",
        array: true,
        nargs: 1,
        default: [] as string[],
        describe: "override a value, such as train.lr=1e-5",
      })
      .option("json", {
        type: "boolean",
        default: false,
        describe: "print the report as JSON alone",
      })
      .example("$0 train configs/quickstart.yaml", "synthetic faces, nothing to download")
      .example(
        "$0 train my.yaml --set train.epochs=3 --set data.path=./faces",
        "other values for one run",
      )
      .example("$0 train my.yaml --resume", "after Ctrl-C, a crash or a kill")
      .epilog(
        "Exit codes: 3 when no epoch meets the constraints and select.required is true, 130 when interrupted.",
      ),
  handler: async ({ config: file, out, resume, fresh, set, json }) => {
    const config = await loadConfig(file, set);
    const folder = runFolder(out ?? join("checkpoints", config.name));
    const mode: StartMode = fresh ? "fresh" : resume ? "resume" : "new";
    const command = ["equiclip train", file, ...set.map((pair) => `--set ${pair}`)].join(" ");
    const { complete } = await openRunFolder(folder, config, mode);
    const { feasible } = complete
      ? await repeatResult(folder, json)
      : await runExperiment(config, folder, { command, json, progress: terminalProgress() });
    if (!feasible && config.select.required) process.exitCode = EXIT.fail;
  },
};

/** A run that is complete says so, and ends as it did. */
async function repeatResult(folder: RunFolder, json: boolean): Promise<{ feasible: boolean }> {
  process.stderr.write(
    `equiclip: ${folder.root} is complete; its report is ${folder.reportHtml}\n`,
  );
  if (json) process.stdout.write(await readFile(folder.reportJson, "utf8"));
  return readManifest(folder);
}
