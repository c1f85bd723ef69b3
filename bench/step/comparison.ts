/** @file ViT-B/32's image tower beside PyTorch: a training step, its memory, and the forward pass. */
import { z } from "zod";
import type { Comparison, Line } from "../lib/comparison.ts";
import { interleave } from "../lib/rounds.ts";
import {
  agreementOf,
  besidePyTorch,
  lap,
  type PeerOptimizer,
  type Stage,
} from "../training/measure.ts";
import type { TrainingSpec } from "../training/spec.ts";

const BESIDE: Readonly<Record<PeerOptimizer, string>> = {
  default: "HF model, default AdamW",
  fused: "HF model, fused AdamW",
};
const LARGEST = 32;

const specOf = ({ model, rows }: Stage, batch: number): TrainingSpec => ({
  folder: model.folder,
  towers: "image",
  trainable: { kind: "full" },
  batch,
  rows: rows(batch * model.pixels),
  prompts: [],
});

/** Forward, backward, clipping and AdamW of all 87.8 million parameters. */
export const imageStep = (batch: number): Comparison =>
  besidePyTorch(
    `A step of ViT-B/32's image tower, batch ${batch}`,
    "base-patch32",
    async (bench, stage) => {
      const spec = specOf(stage, batch);
      const [ours, peer] = [stage.ours(spec), stage.peer(spec)];
      const agreed = await agreementOf(bench, `batch ${batch}`, ours, peer);
      const laps = await interleave(
        {
          ours: lap(bench, ours, "step"),
          default: lap(bench, peer, "step", { kind: "default" }),
          fused: lap(bench, peer, "step", { kind: "fused" }),
        },
        bench.rounds,
      );
      const line = (kind: PeerOptimizer, ratio: number): Line => ({
        what: `${stage.model.name}, image tower, full step, batch ${batch}`,
        beside: BESIDE[kind],
        unit: "s",
        ours: laps.ours,
        peer: laps[kind],
        target: { ratio },
      });
      return { lines: [line("default", 1.05), line("fused", 1)], claims: [agreed] };
    },
  );

/** The most memory of processes that do three steps of the largest batch and nothing else. */
export const stepMemory: Comparison = besidePyTorch(
  "Memory of that step",
  "base-patch32",
  async ({ rounds }, stage) => {
    const spec = specOf(stage, LARGEST);
    const STEPS = 3;
    const laps = await interleave(
      {
        ours: () => stage.usage.ours(spec, STEPS).mebibytes,
        peer: () => stage.usage.peer(spec, "fused", STEPS).mebibytes,
      },
      Math.min(2, rounds), // memory hardly varies
      { warmUp: false },
    );
    const line: Line = {
      what: `peak memory of that step, batch ${LARGEST}`,
      beside: BESIDE.fused,
      unit: "MiB",
      ...laps,
      target: { ratio: 1 },
    };
    return { lines: [line], claims: [] };
  },
);

/** Unit embeddings of the largest batch. */
export const forward: Comparison = besidePyTorch(
  "The image tower's forward pass",
  "base-patch32",
  async (bench, stage) => {
    const spec = specOf(stage, LARGEST);
    const [ours, peer] = [stage.ours(spec), stage.peer(spec)];
    const embeddings = await ours.call("embeddings");
    const apart = z.number().parse(await peer.call("agree_embeddings", { ours: embeddings }));
    const laps = await interleave(
      { ours: lap(bench, ours, "forward"), peer: lap(bench, peer, "forward") },
      bench.rounds,
    );
    return {
      lines: [
        {
          what: `forward only, batch ${LARGEST}`,
          beside: "HF model, inference mode",
          unit: "s",
          ...laps,
          target: { ratio: 1.25 },
        },
      ],
      claims: [
        { text: `unit embeddings are ${apart.toExponential(1)} apart`, holds: apart <= 1e-5 },
      ],
    };
  },
);
