/** @file `equiclip train`: from a config to a report. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CommandModule } from "yargs";
import { loadConfig } from "../run/config/load.ts";
import { EXIT } from "../run/errors.ts";
import { type RunFolder, type StartMode, openRunFolder, runFolder } from "../run/folder.ts";
import { terminalProgress } from "../run/progress.ts";
import { jsonOption, setOption } from "./options.ts";
import { readManifest } from "./run-manifest.ts";

interface Args {
  config: string;
  out: string | undefined;
  resume: boolean | undefined;
  fresh: boolean | undefined;
  set: string[] | undefined;
  json: boolean | undefined;
}

export const trainCommand: CommandModule<object, Args> = {
  command: "train <config>",
  describe: "fine-tune under a fairness constraint, then report before and after debiasing",
  builder: (y) =>
    y
      .positional("config", {
        type: "string",
        demandOption: true,
        describe: "experiment, a YAML file; docs/config.md explains every key",
      })
      .option("out", {
        type: "string",
        defaultDescription: "checkpoints/NAME",
        describe: "folder of the run",
      })
      .option("resume", {
        type: "boolean",
        describe: "go on where the run was stopped, or start it",
      })
      .option("fresh", { type: "boolean", describe: "delete a run that is there, and start again" })
      .conflicts("resume", "fresh")
      .option("set", setOption)
      .option("json", jsonOption)
      .example("$0 train configs/quickstart.yaml", "synthetic faces, nothing to download")
      .example("$0 train my.yaml --resume", "after Ctrl-C, a crash or a kill")
      .example("$0 train my.yaml --fresh --set seed=1", "again, with another seed")
      .epilog(
        "Exit code 3 when no epoch meets the constraints and select.required is true;\n130 when interrupted: --resume goes on to the same result.",
      ),
  handler: async ({ config: file, out, resume, fresh, set = [], json = false }) => {
    const asked = await loadConfig(file, set);
    const folder = runFolder(out ?? join("checkpoints", asked.name));
    const mode: StartMode = fresh ? "fresh" : resume ? "resume" : "new";
    const { say, withEngine } = await import("./session.ts"); // slow to load, and not wanted by --help
    const { config, said } = await withEngine(asked, folder, mode === "resume");
    const command = ["equiclip train", file, ...set.map((pair) => `--set ${pair}`)].join(" ");
    const { complete } = await openRunFolder(folder, config, mode);
    const [{ runExperiment }, { printReport }] = await Promise.all([
      import("./experiment.ts"),
      import("./reports.ts"),
    ]);
    // set before anything is printed: whoever reads may close the pipe
    const end = (feasible: boolean): void => {
      if (!feasible && config.select.required) process.exitCode = EXIT.fail;
    };
    if (complete) {
      end((await readManifest(folder)).feasible);
      return repeatResult(folder, json);
    }
    if (process.stderr.isTTY) say(said);
    const progress = terminalProgress();
    const { feasible, report } = await runExperiment(config, folder, { command, progress });
    end(feasible);
    printReport(report, folder, json);
  },
};

/** A run that is complete says so. */
async function repeatResult(folder: RunFolder, json: boolean): Promise<void> {
  process.stderr.write(
    `equiclip: ${folder.root} is complete; its report is ${folder.reportHtml}\n`,
  );
  if (json) process.stdout.write(await readFile(folder.reportJson, "utf8"));
}
