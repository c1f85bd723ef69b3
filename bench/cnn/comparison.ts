/** @file The study's convolutional networks, a small one and ResNet-18 beside PyTorch: a training step, by the image. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Bench, Claim, Comparison, Line } from "../lib/comparison.ts";
import { build } from "../lib/package.ts";
import { installedPython, pythonVersions, servePython } from "../lib/python.ts";
import { interleave } from "../lib/rounds.ts";
import { type Side, serveNode } from "../lib/side.ts";
import { drawNormals } from "../training/spec.ts";
import type { CnnSpec, Form } from "./spec.ts";

const SCRIPT = join(import.meta.dirname, "torch_side.py");
const TOLERANCE = 1e-4;
const RATIO = 0.8;

/** Name, side of an image, channels, images in a batch: as published where it was. */
const NETS: readonly (readonly [string, number, 1 | 3, number])[] = [
  ["small", 48, 3, 64],
  ["ward", 200, 3, 64],
  ["tripathi", 100, 1, 32],
  ["aghav", 64, 1, 128],
  ["serawan", 96, 3, 32],
  ["resnet18", 96, 3, 32],
];
const QUICK = NETS.slice(0, 1);

/** Of the directions of all gradients: float32 decides a few of a network's ReLUs and maxima otherwise than float64. */
const COSINE = 0.999;
const Agreement = z.object({
  loss: z.number(),
  gradients: z.number(),
  own: z.number(),
  cosine: z.number(),
  ownCosine: z.number(),
});

const shown = (value: number): string => value.toExponential(1);

async function measured(
  bench: Bench,
  python: string,
  script: string,
  [architecture, size, channels, batch]: (typeof NETS)[number],
): Promise<{ readonly lines: readonly Line[]; readonly claim: Claim }> {
  const { scratch, clock, quick, rounds } = bench;
  const rows = join(scratch, `${architecture}.f32`);
  writeFileSync(rows, drawNormals(batch * channels * size * size));
  const spec: CnnSpec = { architecture, size, batch, rows };
  const ours = serveNode(script, JSON.stringify(spec));
  const peers = {
    default: servePython(python, SCRIPT, JSON.stringify(spec), "default"),
    last: servePython(python, SCRIPT, JSON.stringify(spec), "channels-last"),
  };
  try {
    const weights = join(scratch, `${architecture}.safetensors`);
    /** Distances from float64, beside PyTorch's own. */
    const agreement = async (form: Form) => {
      const files = { weights, gradients: join(scratch, `${architecture}.${form}.safetensors`) };
      const { layers, loss } = z
        .object({ layers: z.array(z.unknown()), loss: z.number() })
        .parse(await ours.call("gradients", { form, ...files }));
      return Agreement.parse(await peers.default.call("agree", { layers, ...files, loss }));
    };
    const smooth = await agreement("smooth");
    const told = await agreement("undropped");
    const layers = await ours.call("layers");
    for (const peer of Object.values(peers)) await peer.call("make", { layers, weights });
    const lap = (side: Side) => async () =>
      z.number().parse(await side.call("step", { clock, fill: quick ? 0 : 2 })) / batch;
    const laps = await interleave(
      { ours: lap(ours), default: lap(peers.default), last: lap(peers.last) },
      rounds,
    );
    const line = (beside: string, peer: readonly number[], target: boolean): Line => ({
      what: `${architecture}, ${size} px, batch ${batch}, a step, an image`,
      beside,
      unit: "s",
      ours: laps.ours,
      peer,
      ...(target ? { target: { ratio: RATIO } } : {}),
    });
    return {
      lines: [
        line("as it is, fused AdamW", laps.default, true),
        line("channels last", laps.last, false),
      ],
      claim: {
        text: `${architecture}, beside float64 (in brackets PyTorch's own distance): without what rounding may decide (means for maxima, no ReLU) gradients ${shown(smooth.gradients)} of their tensor's largest (${shown(smooth.own)}); with it, the loss ${shown(told.loss)}, 1 - cosine of all gradients ${shown(1 - told.cosine)} (${shown(1 - told.ownCosine)}), the worst entry ${shown(told.gradients)} (${shown(told.own)})`,
        holds:
          [smooth, told].every(({ loss }) => loss <= TOLERANCE) &&
          smooth.gradients <= TOLERANCE + 4 * smooth.own &&
          told.cosine >= COSINE,
      },
    };
  } finally {
    await Promise.all([ours, ...Object.values(peers)].map((side) => side.stop()));
  }
}

/** A step of each: forward, backward, AdamW, dropout's masks. */
export const convolutional: Comparison = {
  title: "Convolutional networks",
  peer: "PyTorch",
  run: async (bench) => {
    const python = installedPython(bench.progress);
    const script = (await build()).side("cnn");
    const found: Awaited<ReturnType<typeof measured>>[] = [];
    for (const net of bench.quick ? QUICK : NETS) {
      bench.progress(net[0]);
      found.push(await measured(bench, python, script, net));
    }
    return {
      lines: found.flatMap(({ lines }) => lines),
      claims: found.map(({ claim }) => claim),
      versions: pythonVersions(python, ["torch"]),
    };
  },
};
