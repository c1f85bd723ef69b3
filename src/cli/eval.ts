/** @file `equiclip eval`: measures a trained run, a model without training, or a table of predictions or similarities. */
import type { CommandModule } from "yargs";
import { UsageError } from "../run/errors.ts";
import { jsonOption, setOption } from "./options.ts";
import { SLICE_OPTIONS, type SliceArgs, slicesOf } from "./eval/slice-options.ts";
import {
  SHARED_OPTIONS,
  SIMILARITY_OPTIONS,
  type SimilarityArgs,
  TABLE_OPTIONS,
  type TableArgs,
} from "./eval/table-options.ts";

const OPTIONS = { ...TABLE_OPTIONS, ...SIMILARITY_OPTIONS, ...SLICE_OPTIONS };

const SLICES = Object.keys(SLICE_OPTIONS);

/** What may be given with each thing that is measured. */
const GO_WITH: Readonly<Record<"predictions" | "similarities" | "run", readonly string[]>> = {
  predictions: [...Object.keys(TABLE_OPTIONS), ...SLICES],
  similarities: [...Object.keys(SIMILARITY_OPTIONS), ...SHARED_OPTIONS],
  run: SLICES,
};
const isConfig = (path: string): boolean => /\.ya?ml$/i.test(path);

interface Args extends TableArgs, SimilarityArgs, SliceArgs {
  run: string | undefined;
  data: string | undefined;
  set: string[] | undefined;
  out: string | undefined;
  json: boolean | undefined;
}

export const evalCommand: CommandModule<object, Args> = {
  command: "eval [run]",
  describe:
    "measure a table of any model's predictions or similarities, a trained run on data it never saw, or a model as it is",
  builder: (y) =>
    y
      .positional("run", {
        type: "string",
        describe:
          "folder of a run, such as checkpoints/quickstart; or a config, whose model classifies its test split by prompts alone",
      })
      .option("data", {
        type: "string",
        defaultDescription: "the run's test split",
        describe:
          "of a run, other data: a folder laid out like the run's own, or a CSV or TSV with the columns image, target and sensitive attributes",
      })
      .option("set", setOption)
      .options(TABLE_OPTIONS)
      .group(Object.keys(TABLE_OPTIONS), "Predictions of any model:")
      .options(SIMILARITY_OPTIONS)
      .group(
        Object.keys(SIMILARITY_OPTIONS),
        `Rankings by similarity (with --${SHARED_OPTIONS.join(", --")}):`,
      )
      .options(SLICE_OPTIONS)
      .option("out", {
        type: "string",
        defaultDescription: "RUN/eval-NAME; eval-NAME for a table or a config",
        describe: "folder for the report and the predictions",
      })
      .option("json", jsonOption)
      .example("$0 eval checkpoints/quickstart", "a run's test split again")
      .example("$0 eval checkpoints/faces --data ./new-faces", "a folder never seen in training")
      .example("$0 eval my.yaml --set engine=auto", "the config's model without training")
      .example("$0 eval --predictions p.csv OPTIONS", "any model's predictions, as below")
      .epilog(
        [
          "A table, with labels, with scores, and with what an earlier model said of the same rows:",
          "  equiclip eval --predictions p.csv --truth y --predicted yhat --groups sex,race,sex*race",
          "  equiclip eval --predictions p.parquet --truth y --score s --threshold 0.5 --groups sex",
          "  equiclip eval --predictions p.jsonl --truth y --predicted new --before old --groups sex",
          "",
          "Thresholds of each group, fitted on the split validation and measured on the split test:",
          "  equiclip eval --predictions p.csv --truth y --predicted yhat --score s --groups sex --split part --group-thresholds sex",
          "",
          "Who is found first, of images with a column of similarities for each query:",
          "  equiclip eval --similarities s.csv --queries doctor,nurse --groups sex,race --k 10,50",
        ].join("\n"),
      ),
  handler: async ({ run, data, out, set, json = false, ...args }) => {
    const given = (Object.keys(OPTIONS) as (keyof typeof OPTIONS)[]).filter(
      (name) => args[name] !== undefined,
    );
    const twice = given.find((name) => Array.isArray(args[name]) && !("array" in OPTIONS[name]));
    if (twice) throw new UsageError(`--${twice} is given twice`);
    const { predictions, similarities } = args;
    const table =
      predictions !== undefined
        ? "predictions"
        : similarities !== undefined
          ? "similarities"
          : null;
    const stray = given.find((name) => !GO_WITH[table ?? "run"].includes(name));
    if (table === null && run === undefined)
      throw new UsageError(
        "expected what to measure: the folder of a run, or a table with --predictions FILE --truth COLUMN --predicted COLUMN --groups COLUMNS or with --similarities FILE --queries COLUMNS --groups COLUMNS --k NUMBERS",
      );
    if (stray)
      throw new UsageError(
        `--${stray} belongs to --${stray in SIMILARITY_OPTIONS ? "similarities" : "predictions"}, not to ${table === null ? "a run" : `--${table}`}`,
      );
    if (table === null && run !== undefined && isConfig(run)) {
      if (data !== undefined)
        throw new UsageError(
          `--data ${data} belongs to a run, and ${run} names its own data; override it with --set data.path=${data}`,
        );
      const { measureZeroShot } = await import("./eval/zero-shot.ts");
      return measureZeroShot(run, { set: set ?? [], out, json, ...slicesOf(args) });
    }
    if (set !== undefined)
      throw new UsageError("--set overrides a config, and none is given: equiclip eval my.yaml");
    if (table !== null && (run !== undefined || data !== undefined))
      throw new UsageError(
        `--${table} measures a table, ${run === undefined ? "--data" : run} belongs to a run: give one of them`,
      );
    const slices = slicesOf(args);
    if (predictions !== undefined) {
      const { evalTable } = await import("./eval/table.ts");
      return evalTable({ ...args, predictions }, slices, { out, json });
    }
    if (similarities !== undefined) {
      const { evalRetrieval } = await import("./eval/retrieval.ts");
      return evalRetrieval({ ...args, similarities }, { out, json });
    }
    const { measure } = await import("./eval/run.ts");
    await measure(run!, { data, out, json, ...slices });
  },
};
