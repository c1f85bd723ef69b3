/** @file `equiclip study`: a published study run whole, as it was and corrected, and its table of strategies. */
import { resolve } from "node:path";
import type { CommandModule } from "yargs";
import { EXIT, UsageError } from "../run/errors.ts";
import type { StartMode } from "../run/folder.ts";
import { jsonOption, requireOnce, setOption } from "./options.ts";

/** Studies that can be run. */
export const STUDIES = {
  "001": "gender on UTKFace: four networks, data balancing, CLIP fine-tuning, subspace removal",
} as const;

interface Args {
  subject: keyof typeof STUDIES;
  data: string | undefined;
  synthetic: boolean | undefined;
  seeds: string;
  scale: number;
  only: string | undefined;
  model: string | undefined;
  out: string | undefined;
  resume: boolean | undefined;
  fresh: boolean | undefined;
  set: string[] | undefined;
  json: boolean | undefined;
}

export const studyCommand: CommandModule<object, Args> = {
  command: "study <subject>",
  describe: "run a published study whole: every strategy as it was and corrected, over seeds",
  builder: (y) =>
    y
      .positional("subject", {
        choices: Object.keys(STUDIES) as (keyof typeof STUDIES)[],
        demandOption: true,
        describe: Object.entries(STUDIES)
          .map(([key, of]) => `${key}: ${of}`)
          .join("; "),
      })
      .option("data", { type: "string", describe: "folder of UTKFace files" })
      .option("synthetic", {
        type: "boolean",
        describe: "drawn faces under UTKFace's names in place of data",
      })
      .conflicts("data", "synthetic")
      .option("seeds", { type: "string", default: "0,1,2", describe: "one run of each with each" })
      .option("scale", {
        type: "number",
        default: 1,
        describe: "share of rows and of epochs, for a trial",
      })
      .option("only", {
        type: "string",
        describe: "strategies, or how their names begin, such as ward,clip-zeroshot",
      })
      .option("model", {
        type: "string",
        describe: "CLIP of the strategies that take one: a folder, Hub id or preset:NAME",
      })
      .option("out", {
        type: "string",
        defaultDescription: "study-001",
        describe: "folder of the study",
      })
      .option("resume", { type: "boolean", describe: "go on where the study was stopped" })
      .option("fresh", {
        type: "boolean",
        describe: "delete a study that is there, and start again",
      })
      .conflicts("resume", "fresh")
      .option("set", { ...setOption, describe: "override a value of every config, KEY=VALUE" })
      .option("json", jsonOption)
      .example("$0 study 001 --data ./UTKFace", "all of it: days on two cores")
      .example("$0 study 001 --data DIR --only tripathi", "one of its networks")
      .example("$0 study 001 --synthetic --scale 0.05", "drawn faces, in minutes")
      .epilog(
        "A run that is finished is not run again; one that fails does not stop the others. Exit code 1 when\nall failed, 130 when interrupted. docs/study-001.md says what the columns mean.",
      ),
  handler: async (args) => {
    requireOnce(args, ["set"]);
    const { subject, data, synthetic = false, scale, only, set = [], json = false } = args;
    if (data === undefined && !synthetic)
      throw new UsageError(
        `study ${subject}: expected its data, --data FOLDER of UTKFace files, or --synthetic for drawn faces`,
      );
    if (!(scale > 0 && scale <= 1))
      throw new UsageError(`--scale ${scale}: expected a number above 0 and at most 1`);
    const own = set.find((pair) => /^\s*(seed|data\.path)\s*=/.test(pair));
    if (own !== undefined)
      throw new UsageError(
        `--set ${own}: expected --seeds or --data, which give every run of the study its own`,
      );
    const mode: StartMode = args.fresh ? "fresh" : args.resume ? "resume" : "new";
    const { runStudy } = await import("./study/study.ts"); // slow to load, and not wanted by --help
    const { failed, all } = await runStudy(
      {
        study: subject,
        data: data === undefined ? null : resolve(data),
        scale,
        model: args.model ?? (synthetic ? "preset:tiny" : null),
        set,
      },
      {
        out: args.out ?? `study-${subject}`,
        mode,
        seeds: seedsOf(args.seeds),
        only: only === undefined ? null : only.split(",").map((word) => word.trim()),
        json,
      },
    );
    if (failed === all) process.exitCode = EXIT.failure;
  },
};

/** "0,1,2" */
function seedsOf(text: string): number[] {
  const seeds = text.split(",").map(Number);
  if (!/^\s*\d+(\s*,\s*\d+)*\s*$/.test(text) || new Set(seeds).size < seeds.length)
    throw new UsageError(`--seeds ${text}: expected different whole numbers, such as 0,1,2`);
  return seeds;
}
