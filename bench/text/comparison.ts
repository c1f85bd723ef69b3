/** @file A training step of ViT-B/32's text tower beside PyTorch: each distinct prompt once and no longer than it is. */
import type { Comparison, Line } from "../lib/comparison.ts";
import { interleave } from "../lib/rounds.ts";
import { agreementOf, besidePyTorch, lap } from "../training/measure.ts";
import { type TrainingSpec, drawPrompts } from "../training/spec.ts";

const [BATCH, LENGTH] = [32, 16];

/** Two prompts towards 32 fixed image embeddings; all 63.4 million parameters train. */
export const textStep: Comparison = besidePyTorch(
  "A step of ViT-B/32's text tower",
  "base-patch32",
  async (bench, stage) => {
    const spec: TrainingSpec = {
      folder: stage.model.folder,
      towers: "text",
      trainable: { kind: "full" },
      batch: BATCH,
      rows: stage.rows(BATCH * stage.model.width),
      prompts: drawPrompts(LENGTH),
    };
    const [ours, same] = [stage.ours(spec), stage.peer(spec)];
    const captions = stage.peer({ ...spec, captions: true });
    const claims = [
      await agreementOf(bench, "the same two prompts", ours, same),
      await agreementOf(bench, "a caption for each image", ours, captions),
    ];
    const laps = await interleave(
      {
        ours: lap(bench, ours, "step"),
        same: lap(bench, same, "step"),
        captions: lap(bench, captions, "step"),
      },
      bench.rounds,
    );
    const line = (beside: string, peer: number[], ratio: number): Line => ({
      what: `text tower, full step, 2 prompts of ${LENGTH} tokens`,
      beside: `${beside}, fused AdamW`,
      unit: "s",
      ours: laps.ours,
      peer,
      target: { ratio },
    });
    return {
      lines: [
        line(`${BATCH} captions padded to 77`, laps.captions, 10),
        line(`the same 2 x ${LENGTH} tokens`, laps.same, 1),
      ],
      claims,
    };
  },
);
