/** @file AdamW over the parameters of ViT-B/32's image tower: equiclip beside PyTorch, by the parameter. */
import { join } from "node:path";
import { z } from "zod";
import { sizeOf } from "../../src/graph/node.ts";
import { clipParams } from "../../src/model/clip/params.ts";
import { parseClipConfig } from "../../src/model/clip/config.ts";
import type { Comparison, Line } from "../lib/comparison.ts";
import { build } from "../lib/package.ts";
import { installedPython, pythonVersions, servePython } from "../lib/python.ts";
import { interleave } from "../lib/rounds.ts";
import { serveNode } from "../lib/side.ts";

const SCRIPT = join(import.meta.dirname, "torch_side.py");
const AFTER = 3;
const TOLERANCE = 1e-6;

/** Parameters, gradients and moments in memory on both sides; clipping is no part of it. */
export const adamw: Comparison = {
  title: "AdamW",
  peer: "PyTorch",
  run: async ({ rounds, clock, quick, progress }) => {
    const python = installedPython(progress);
    const built = await build();
    const image = clipParams(parseClipConfig({ model_type: "clip" }, "ViT-B/32")).filter(
      // a small part shows that it runs
      ({ name }) => name.startsWith(quick ? "vision_model.encoder.layers.0." : "vis"),
    );
    const shapes = JSON.stringify(
      Object.fromEntries(image.map(({ name, shape }) => [name, shape])),
    );
    const count = image.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const [ours, peer] = [
      serveNode(built.side("adamw"), shapes),
      servePython(python, SCRIPT, shapes),
    ];
    try {
      const values = await ours.call("values", { after: AFTER });
      const apart = z.number().parse(await peer.call("agree", { ours: values }));
      const given = { clock, fill: quick ? 0 : 1 };
      const each = async (seconds: Promise<unknown>): Promise<number> =>
        z.number().parse(await seconds) / count;
      const laps = await interleave(
        {
          ours: () => each(ours.call("update", given)),
          fused: () => each(peer.call("update", { ...given, kind: "fused" })),
          foreach: () => each(peer.call("update", { ...given, kind: "foreach" })),
        },
        rounds,
      );
      const line = (kind: "fused" | "foreach"): Line => ({
        what: `AdamW, a parameter (of ${(count / 1e6).toFixed(1)} million)`,
        beside: kind,
        unit: "s",
        ours: laps.ours,
        peer: laps[kind],
        target: { atMost: 1.3e-9 },
      });
      return {
        lines: [line("fused"), line("foreach")],
        claims: [
          {
            text: `parameters after ${AFTER} updates are ${apart.toExponential(1)} apart`,
            holds: apart <= TOLERANCE,
          },
        ],
        versions: pythonVersions(python, ["torch"]),
      };
    } finally {
      await Promise.all([ours.stop(), peer.stop()]);
    }
  },
};
