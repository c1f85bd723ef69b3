/** @file `equiclip eval`: measures a trained run, or a table of any model's predictions. */
import type { CommandModule } from "yargs";
import { UsageError } from "../run/errors.ts";
import { jsonOption } from "./options.ts";
import { TABLE_OPTIONS, type TableArgs } from "./table-options.ts";

interface Args extends TableArgs {
  run: string | undefined;
  data: string | undefined;
  out: string | undefined;
  json: boolean | undefined;
}

export const evalCommand: CommandModule<object, Args> = {
  command: "eval [run]",
  describe: "measure a table of any model's predictions, or a trained run on data it never saw",
  builder: (y) =>
    y
      .positional("run", {
        type: "string",
        describe: "folder of a run, such as checkpoints/quickstart",
      })
      .option("data", {
        type: "string",
        defaultDescription: "the run's test split",
        describe:
          "of a run, other data: a folder laid out like the run's own, or a CSV or TSV with the columns image, target and sensitive attributes",
      })
      .options(TABLE_OPTIONS)
      .group(Object.keys(TABLE_OPTIONS), "Predictions of any model:")
      .option("out", {
        type: "string",
        defaultDescription: "RUN/eval-NAME; eval-NAME for a table",
        describe: "folder for the report and the predictions",
      })
      .option("json", jsonOption)
      .example("$0 eval checkpoints/quickstart", "a run's test split again")
      .example("$0 eval checkpoints/faces --data ./new-faces", "a folder never seen in training")
      .example("$0 eval --predictions p.csv OPTIONS", "any model's predictions, as below")
      .epilog(
        [
          "A table, with labels, with scores, and with what an earlier model said of the same rows:",
          "  equiclip eval --predictions p.csv --truth y --predicted yhat --groups sex,race,sex*race",
          "  equiclip eval --predictions p.parquet --truth y --score s --threshold 0.5 --groups sex",
          "  equiclip eval --predictions p.jsonl --truth y --predicted new --before old --groups sex",
        ].join("\n"),
      ),
  handler: async ({ run, data, out, json = false, ...args }) => {
    const given = Object.entries(args).filter(
      ([name, value]) => name in TABLE_OPTIONS && value !== undefined,
    );
    const twice = given.find(
      ([name, value]) =>
        Array.isArray(value) && !("array" in TABLE_OPTIONS[name as keyof TableArgs]),
    );
    if (twice) throw new UsageError(`--${twice[0]} is given twice`);
    if (args.predictions !== undefined) {
      if (run !== undefined || data !== undefined)
        throw new UsageError(
          `--predictions measures a table, ${run === undefined ? "--data" : run} belongs to a run: give one of them`,
        );
      const { evalTable } = await import("./eval-table.ts");
      return evalTable({ ...args, predictions: args.predictions }, { out, json });
    }
    if (run === undefined)
      throw new UsageError(
        "expected what to measure: the folder of a run, or a table with --predictions FILE --truth COLUMN --predicted COLUMN --groups COLUMNS",
      );
    const [stray] = given;
    if (stray) throw new UsageError(`--${stray[0]} belongs to --predictions, not to a run`);
    const { measure } = await import("./measure.ts");
    await measure(run, { data, out, json });
  },
};
