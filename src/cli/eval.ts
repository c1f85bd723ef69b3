/** @file `equiclip eval`: measures a trained run. */
import type { CommandModule } from "yargs";
import { jsonOption } from "./options.ts";

interface Args {
  run: string;
  data: string | undefined;
  out: string | undefined;
  json: boolean | undefined;
}

export const evalCommand: CommandModule<object, Args> = {
  command: "eval <run>",
  describe: "measure a trained run on its test split, or on data it never saw",
  builder: (y) =>
    y
      .positional("run", {
        type: "string",
        demandOption: true,
        describe: "folder of a run, such as checkpoints/quickstart",
      })
      .option("data", {
        type: "string",
        defaultDescription: "the run's test split",
        describe:
          "other data: a folder laid out like the run's own, or a CSV or TSV with the columns image, target and sensitive attributes",
      })
      .option("out", {
        type: "string",
        defaultDescription: "RUN/eval-NAME",
        describe: "folder for the report and the predictions",
      })
      .option("json", jsonOption)
      .example("$0 eval checkpoints/quickstart", "the test split again")
      .example("$0 eval checkpoints/faces --data ./new-faces", "a folder never seen in training")
      .example("$0 eval checkpoints/faces --data new.csv", "a table"),
  handler: async ({ run, data, out, json = false }) => {
    const { measure } = await import("./measure.ts");
    await measure(run, { data, out, json });
  },
};
