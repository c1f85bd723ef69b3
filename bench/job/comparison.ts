/**
 * @file The UTKFace study's constrained job, start to report: `equiclip train` beside the PyTorch script its users would
 * otherwise write, for all weights, the last two blocks of both towers, and the projections alone.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Row, Split } from "../../src/data/row.ts";
import type { Comparison } from "../lib/comparison.ts";
import { FACE_SIZE, jpegFaces } from "../lib/faces.ts";
import { quantity } from "../lib/markdown.ts";
import { vitB32 } from "../lib/models.ts";
import { build } from "../lib/package.ts";
import { installedPython, pythonVersions } from "../lib/python.ts";
import { interleave } from "../lib/rounds.ts";
import { summarize } from "../lib/statistics.ts";
import { CLASSES, dataSection, inSplits, PROMPTS } from "../lib/splits.ts";
import { usageOf } from "../lib/usage.ts";
import { type Costs, costsOf, type Measured, type ShortJobs, wholeJob } from "./extrapolate.ts";

const SCRIPT = join(import.meta.dirname, "torch_side.py");
/** The study's: 2,000 faces to train on, 400 to validate on, a step of four faces. */
const WHOLE = { rows: 2000, epochs: 10 };
const BATCH = 4;
/** A validation face for so many to train on. */
const PER_VALIDATED = 5;
const TESTED = 4;

type Variant = "full" | "blocks" | "head";

interface VariantFacts {
  readonly what: string;
  readonly trainable: object;
  /** Rows of the short jobs: as many as show what an epoch costs. */
  readonly rows: number;
  readonly target: number;
}
const VARIANTS: Readonly<Record<Variant, VariantFacts>> = {
  full: { what: "both towers", trainable: { kind: "full" }, rows: 40, target: 1 },
  blocks: {
    what: "the last two blocks of both towers",
    trainable: { kind: "blocks", image: 2, text: 2 },
    rows: 160,
    target: 4,
  },
  head: { what: "head only", trainable: { kind: "head" }, rows: 160, target: 8 },
};

interface Job {
  readonly rows: number;
  readonly epochs: number;
}
const JOBS = { short: [1, 1], long: [1, 2], wide: [2, 1] } as const;

/** The rows of a job: a fifth as many to validate on. */
const rowsOf = (faces: readonly Row[], train: number): Row[] =>
  inSplits(faces, { train, validation: train / PER_VALIDATED, test: TESTED });

export const studyJob = (variant: Variant): Comparison => ({
  title: `The study's constrained job: ${VARIANTS[variant].what}`,
  peer: "PyTorch",
  run: async (bench) => {
    const { rounds, quick, part, scratch, progress } = bench;
    const python = installedPython(progress);
    const { folder: model } = await vitB32(bench);
    const built = await build();
    const { what, trainable, rows: most, target } = VARIANTS[variant];
    // whole batches of four, and a whole validation batch of a fifth
    const rows = quick ? 20 : Math.max(20, Math.round((most * part) / 20) * 20);
    const faces = await jpegFaces(500, FACE_SIZE, progress);
    const validationBatch = rows / PER_VALIDATED;

    const ours = async (job: Job): Promise<Measured> => {
      const config = {
        name: "job",
        seed: 1,
        threads: 2,
        data: await dataSection(join(scratch, "faces.csv"), rowsOf(faces, job.rows)),
        model: { from: model, trainable },
        prompts: PROMPTS,
        train: {
          epochs: job.epochs,
          batchSize: BATCH,
          lr: 1e-5,
          optimizer: { name: "adam" },
          clipNorm: null,
          maxLogitScale: null,
        },
        select: { constraints: [] },
        debias: { methods: [] },
        evaluate: { batchSize: validationBatch },
      };
      const [file, run, cache] = ["job.yaml", "run", "cache"].map((name) =>
        join(scratch, name),
      ) as [string, string, string];
      writeFileSync(file, JSON.stringify(config));
      rmSync(cache, { recursive: true, force: true }); // of an earlier job: every one begins anew
      const command = [process.execPath, built.program, "train", file, "--fresh", "--out", run];
      const usage = usageOf(python, command, { EQUICLIP_CACHE: cache });
      return { seconds: usage.wall, lastEpoch: lastEpochOf(join(run, "log.jsonl")) };
    };

    const peer = (job: Job): Measured => {
      const out = join(scratch, "torch");
      const split = (name: Split) =>
        rowsOf(faces, job.rows)
          .filter((row) => row.split === name)
          .map(({ path, labels }) => [path, CLASSES.indexOf(labels["style"]!)]);
      const asked = {
        ...job,
        model,
        out,
        trainable: variant,
        batch: BATCH,
        validationBatch,
        prompts: Object.values(PROMPTS),
        train: split("train"),
        validation: split("validation"),
      };
      const usage = usageOf(python, [python, SCRIPT, JSON.stringify(asked)], {
        TOKENIZERS_PARALLELISM: "false",
      });
      const lastEpoch = z.number().parse(JSON.parse(readFileSync(join(out, "epoch.json"), "utf8")));
      return { seconds: usage.wall, lastEpoch };
    };

    const jobs = Object.entries(JOBS).map(([name, [times, epochs]]) => ({
      name,
      job: { rows: rows * times, epochs },
    }));
    const laps = await interleave(
      Object.fromEntries(
        jobs.flatMap(({ name, job }) => [
          [`ours ${name}`, async () => ours(job)],
          [`peer ${name}`, async () => peer(job)],
        ]),
      ),
      Math.min(rounds, 3),
      { warmUp: false },
    );
    const costs = (side: "ours" | "peer"): Costs[] =>
      laps[`${side} short`]!.map((short, round) => {
        const measured: ShortJobs = {
          rows,
          short,
          long: laps[`${side} long`]![round]!,
          wide: laps[`${side} wide`]![round]!,
        };
        return costsOf(measured);
      });
    const [own, theirs] = [costs("ours"), costs("peer")];
    return {
      lines: [
        {
          what: `study's job (2,000 faces, 400 to validate on, 10 epochs), ${what}; from ${rows} and ${2 * rows} faces`,
          beside: "script, fused Adam, DataLoader of 2 workers",
          unit: "s",
          ours: own.map((parts) => wholeJob(parts, WHOLE)),
          peer: theirs.map((parts) => wholeJob(parts, WHOLE)),
          target: { ratio: target },
        },
      ],
      claims: [],
      notes: [`equiclip: ${inWords(own)}`, `PyTorch: ${inWords(theirs)}`],
      versions: pythonVersions(python, ["torch", "torchvision", "transformers"]),
    };
  },
});

/** Medians of the parts that a job is added up of. */
function inWords(costs: readonly Costs[]): string {
  const part = (of: keyof Costs): string =>
    quantity(summarize(costs.map((each) => each[of])).median, "s");
  return `${part("once")} once, ${part("row")} once a face, ${part("visit")} a face in an epoch (its share of validation included), ${part("epoch")} an epoch beside that`;
}

const Epoch = z.object({
  kind: z.literal("epoch"),
  seconds: z.record(z.string(), z.number()),
});

/** Seconds of the last epoch: data, step, optimizer and validation together. */
function lastEpochOf(log: string): number {
  const epochs = readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .flatMap((line) => Epoch.safeParse(JSON.parse(line)).data ?? []);
  return Object.values(epochs.at(-1)!.seconds).reduce((sum, value) => sum + value, 0);
}
