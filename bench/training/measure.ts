/** @file Both sides of a training: started, found to agree, and measured. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Bench, Claim, Comparison, Findings } from "../lib/comparison.ts";
import { type BenchModel, presetFolder, vitB32 } from "../lib/models.ts";
import { type Built, build } from "../lib/package.ts";
import { installedPython, pythonVersions, servePython } from "../lib/python.ts";
import { type Side, serveNode } from "../lib/side.ts";
import { type Usage, usageOf } from "../lib/usage.ts";
import { type TrainingSpec, drawNormals } from "./spec.ts";

const SCRIPT = join(import.meta.dirname, "torch_side.py");
/** PyTorch's optimizer, as its users write it, or the one that is fastest. */
export type PeerOptimizer = "default" | "fused";

/** What PyTorch does in place of the same. */
export type PeerSpec = TrainingSpec & {
  /** A caption for each image, padded to all positions. */
  readonly captions?: boolean;
};

/** What the body of a comparison works with. */
export interface Stage {
  readonly model: BenchModel;
  /** A file of random numbers. */
  readonly rows: (count: number) => string;
  /** Starts a side, which is stopped when the comparison is over. */
  readonly ours: (spec: TrainingSpec) => Side;
  readonly peer: (spec: PeerSpec) => Side;
  /** Whole processes that do a few steps and nothing else. */
  readonly usage: {
    readonly ours: (spec: TrainingSpec, steps: number) => Usage;
    readonly peer: (spec: PeerSpec, optimizer: PeerOptimizer, steps: number) => Usage;
  };
}

/** A comparison of trainings with PyTorch. */
export const besidePyTorch = (
  title: string,
  preset: "base-patch32" | "small",
  body: (bench: Bench, stage: Stage) => Promise<Omit<Findings, "versions">>,
): Comparison => ({
  title,
  peer: "PyTorch",
  run: async (bench) => {
    const { scratch, progress } = bench;
    const python = installedPython(progress);
    const model = await (preset === "small" ? presetFolder(preset, bench) : vitB32(bench));
    const built = await build();
    const sides: Side[] = [];
    try {
      const findings = await body(bench, stageOf(scratch, model, python, built, sides));
      return { ...findings, versions: pythonVersions(python, ["torch", "transformers", "peft"]) };
    } finally {
      await Promise.all(sides.map((side) => side.stop()));
    }
  },
});

function stageOf(
  scratch: string,
  model: BenchModel,
  python: string,
  built: Built,
  sides: Side[],
): Stage {
  const script = built.side("training");
  const started = (side: Side): Side => {
    sides.push(side);
    return side;
  };
  return {
    model,
    rows: (count) => {
      const file = join(scratch, `rows-${count}.f32`);
      writeFileSync(file, drawNormals(count));
      return file;
    },
    ours: (spec) => started(serveNode(script, JSON.stringify(spec))),
    peer: (spec) => started(servePython(python, SCRIPT, JSON.stringify(spec), "fused")),
    usage: {
      ours: (spec, steps) =>
        usageOf(python, [process.execPath, script, JSON.stringify(spec), `${steps}`]),
      peer: (spec, optimizer, steps) =>
        usageOf(python, [python, SCRIPT, JSON.stringify(spec), optimizer, `${steps}`]),
    },
  };
}

/** Seconds that a task of a side takes. */
export const lap =
  (
    { clock, quick }: Pick<Bench, "clock" | "quick">,
    side: Side,
    task: "step" | "forward",
    given: object = {},
  ) =>
  async (): Promise<number> =>
    z.number().parse(await side.call(task, { clock, fill: quick ? 0 : 1.5, ...given }));

const Agreement = z.object({
  loss: z.number(),
  gradients: z.number(),
  worst: z.string(),
});
const TOLERANCE = 1e-4;

/** Whether loss and gradients of the first step are the same. */
export async function agreementOf(
  { scratch }: Pick<Bench, "scratch">,
  what: string,
  ours: Side,
  peer: Side,
): Promise<Claim> {
  const file = join(scratch, "gradients.safetensors");
  const loss = await ours.call("gradients", { file });
  const told = Agreement.parse(await peer.call("agree", { file, loss }));
  return {
    text: `${what}: losses of the first step are ${told.loss.toExponential(1)} apart, gradients ${told.gradients.toExponential(1)} of their tensor's largest (${told.worst})`,
    holds: told.loss <= TOLERANCE && told.gradients <= TOLERANCE,
  };
}
