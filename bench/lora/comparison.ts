/** @file Training a part of ViT-B/32's image tower beside PyTorch: adapters, and the last blocks. */
import type { Comparison, Line } from "../lib/comparison.ts";
import { interleave } from "../lib/rounds.ts";
import { agreementOf, besidePyTorch, lap } from "../training/measure.ts";
import type { TrainingSpec } from "../training/spec.ts";

const BATCH = 32;
const STEPS = 3;

/** LoRA of rank 8 on the queries and values of all blocks, beside peft. */
export const lora: Comparison = besidePyTorch(
  "LoRA on ViT-B/32's image tower",
  "base-patch32",
  async (bench, stage) => {
    const spec: TrainingSpec = {
      folder: stage.model.folder,
      towers: "image",
      trainable: {
        kind: "lora",
        rank: 8,
        alpha: 16,
        modules: ["q_proj", "v_proj"],
        towers: ["image"],
      },
      batch: BATCH,
      rows: stage.rows(BATCH * stage.model.pixels),
      prompts: [],
      adapters: `${bench.scratch}/adapters.safetensors`,
    };
    const ours = stage.ours(spec);
    await ours.call("ready"); // the peer starts from its adapters
    const peer = stage.peer(spec);
    const agreed = await agreementOf(bench, "LoRA", ours, peer);
    const laps = await interleave(
      { ours: lap(bench, ours, "step"), peer: lap(bench, peer, "step") },
      bench.rounds,
    );
    await Promise.all([ours.stop(), peer.stop()]);
    const memory = await interleave(
      {
        ours: () => stage.usage.ours(spec, STEPS).mebibytes,
        peer: () => stage.usage.peer(spec, "fused", STEPS).mebibytes,
      },
      1,
      { warmUp: false },
    );
    const about = {
      what: `LoRA r=8 on q and v of all blocks, batch ${BATCH}`,
      beside: "peft, fused AdamW",
    };
    const lines: Line[] = [
      { ...about, unit: "s", ...laps, target: { ratio: 1 } },
      {
        ...about,
        what: `${about.what}: peak memory`,
        unit: "MiB",
        ...memory,
        target: { ratio: 1 },
      },
    ];
    return { lines, claims: [agreed] };
  },
);

/** The last two of 12 blocks: ours on what the ten below made of each image once, the peer on pixels, and on the same. */
export const lastBlocks: Comparison = besidePyTorch(
  "The last two blocks of ViT-B/32's image tower",
  "base-patch32",
  async (bench, stage) => {
    const spec: TrainingSpec = {
      folder: stage.model.folder,
      towers: "image",
      trainable: { kind: "blocks", image: 2, text: 0 },
      batch: BATCH,
      rows: stage.rows(BATCH * stage.model.pixels),
      prompts: [],
      cached: true,
    };
    const [ours, cached] = [stage.ours(spec), stage.peer(spec)];
    const recomputing = stage.peer({ ...spec, cached: false });
    const claims = [
      await agreementOf(bench, "features cached on both sides", ours, cached),
      await agreementOf(bench, "features cached by ours alone", ours, recomputing),
    ];
    const laps = await interleave(
      {
        ours: lap(bench, ours, "step"),
        cached: lap(bench, cached, "step"),
        recomputing: lap(bench, recomputing, "step"),
      },
      bench.rounds,
    );
    const line = (beside: string, peer: number[], ratio: number): Line => ({
      what: `last two of 12 blocks, prefix cached, batch ${BATCH}`,
      beside: `features ${beside}, fused AdamW`,
      unit: "s",
      ours: laps.ours,
      peer,
      target: { ratio },
    });
    return {
      lines: [line("recomputed each step", laps.recomputing, 6), line("cached", laps.cached, 1)],
      claims,
    };
  },
);
