/** @file `equiclip compare`: debiasing methods side by side, on the same splits, over seeds. */
import type { CommandModule } from "yargs";
import { isBaseline } from "../compare/result.ts";
import { loadCompareConfig } from "../run/config/load.ts";
import { EXIT } from "../run/errors.ts";
import { savingWhenInterrupted } from "./interrupt.ts";
import { jsonOption, setOption } from "./options.ts";

interface Args {
  config: string;
  out: string | undefined;
  fresh: boolean | undefined;
  set: string[] | undefined;
  json: boolean | undefined;
}

export const compareCommand: CommandModule<object, Args> = {
  command: "compare <config>",
  describe: "debiasing methods side by side: methods x tasks x seeds on the same splits",
  builder: (y) =>
    y
      .positional("config", {
        type: "string",
        demandOption: true,
        describe: "comparison, a YAML file; docs/compare-config.md explains every key",
      })
      .option("out", {
        type: "string",
        defaultDescription: "compare-NAME",
        describe: "folder of the comparison; one that is there goes on",
      })
      .option("fresh", {
        type: "boolean",
        describe: "delete a comparison that is there, and start again",
      })
      .option("set", setOption)
      .option("json", jsonOption)
      .example("$0 compare configs/faceapi-compare.yaml", "every method on a face network's output")
      .example("$0 compare my.yaml --set seeds=2", "fewer seeds")
      .example("$0 compare my.yaml --out again --fresh", "from the beginning, in another folder")
      .epilog(
        "Alpha, k and every other setting are chosen on validation; test rows are looked at once.\nCells that are done are not computed again. Exit code 1 when every method failed.\ndocs/compare.md says how to read the tables.",
      ),
  handler: async ({ config: file, out, fresh = false, set = [], json = false }) => {
    const config = await loadCompareConfig(file, set);
    // slow to load, and not wanted by --help
    const [
      { compareAll },
      { compareFolder },
      { compareRun, writeCompareReports, printComparison },
    ] = await Promise.all([
      import("./compare/cells.ts"),
      import("./compare/folder.ts"),
      import("./compare/reports.ts"),
    ]);
    const started = new Date();
    const folder = compareFolder(out ?? `compare-${config.name}`);
    const result = await savingWhenInterrupted((signal) =>
      compareAll(config, folder, {
        fresh,
        signal,
        onCell: (line) => process.stderr.write(`${line}\n`),
      }),
    );
    const methods = result.cells.filter(({ method }) => !isBaseline(method));
    if (methods.length > 0 && methods.every(({ status }) => status === "failed"))
      process.exitCode = EXIT.failure;
    await writeCompareReports(compareRun(result, config, started), folder);
    printComparison(result, folder, json);
  },
};
