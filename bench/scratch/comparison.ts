/** @file The scratch recipe of configs/utkface-gender-scratch.yaml beside the same network in PyTorch. */
import type { Comparison } from "../lib/comparison.ts";
import { interleave } from "../lib/rounds.ts";
import { agreementOf, besidePyTorch, lap } from "../training/measure.ts";
import { drawPrompts } from "../training/spec.ts";

const BATCH = 64;

/** The step of a million parameters, both towers; rows are decoded and normalised on both sides, and not augmented. */
export const scratchRecipe: Comparison = besidePyTorch(
  "The scratch recipe: 48 px, a million parameters",
  "small",
  async (bench, stage) => {
    const spec = {
      folder: stage.model.folder,
      towers: "both",
      trainable: { kind: "full" },
      batch: BATCH,
      rows: stage.rows(BATCH * stage.model.pixels),
      prompts: drawPrompts(7), // "woman" by bytes
    } as const;
    const [ours, peer] = [stage.ours(spec), stage.peer(spec)];
    const agreed = await agreementOf(bench, "scratch recipe", ours, peer);
    const each = (seconds: readonly number[]): number[] => seconds.map((s) => s / BATCH);
    const laps = await interleave(
      {
        ours: lap(bench, ours, "step"),
        fused: lap(bench, peer, "step", { kind: "fused" }),
        default: lap(bench, peer, "step", { kind: "default" }),
      },
      bench.rounds,
    );
    const what = `scratch recipe (48 px, 1M parameters, batch ${BATCH}), an image`;
    return {
      lines: (["fused", "default"] as const).map((kind) => ({
        what,
        beside: `HF model, ${kind} AdamW`,
        unit: "s" as const,
        ours: each(laps.ours),
        peer: each(laps[kind]),
        target: { ratio: 1 },
      })),
      claims: [agreed],
    };
  },
);
