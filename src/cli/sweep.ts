/** @file `equiclip sweep`: the projection experiment of the UTKFace study, corrected and as it was, on a model with texts. */
import type { CommandModule } from "yargs";
import { jsonOption, setOption } from "./options.ts";

interface Args {
  subject: string;
  out: string | undefined;
  set: string[] | undefined;
  json: boolean | undefined;
}

export const sweepCommand: CommandModule<object, Args> = {
  command: "sweep <subject>",
  describe: "how much of an attribute to project out: accuracy and gap at every alpha and k",
  builder: (y) =>
    y
      .positional("subject", {
        type: "string",
        demandOption: true,
        describe: "folder of a run, or a config whose model is taken as it is",
      })
      .option("out", {
        type: "string",
        defaultDescription: "RUN/sweep; sweep-NAME for a config",
        describe: "folder for the report",
      })
      .option("set", setOption)
      .option("json", jsonOption)
      .example("$0 sweep checkpoints/quickstart", "the model that a run trained")
      .example("$0 sweep configs/001-clip-subspace.yaml", "a released CLIP, nothing is trained")
      .example("$0 sweep RUN --set sweep.attribute=race", "another attribute")
      .epilog(
        "A published study's way to find the subspace stands beside its correction. Alpha and k are chosen\non validation; test rows are looked at once. docs/sweep.md explains both.",
      ),
  handler: async ({ subject, out, set = [], json = false }) => {
    const { sweepRun } = await import("./sweep/run.ts");
    await sweepRun(subject, { out, set, json });
  },
};
