/** @file Faces of 200 x 200 pixels to what ViT-B/32 is fed: equiclip beside torchvision's DataLoader and transformers.js. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Comparison, Line } from "../lib/comparison.ts";
import { FACE_SIZE, jpegFaces } from "../lib/faces.ts";
import { presetFolder } from "../lib/models.ts";
import { build } from "../lib/package.ts";
import { installedPython, pythonVersions, servePython } from "../lib/python.ts";
import { interleave } from "../lib/rounds.ts";
import { serveNode } from "../lib/side.ts";

const SCRIPT = join(import.meta.dirname, "torch_side.py");
const BATCH = "32";
const FACES = 640;

/** An epoch of batches in memory, one after the other; each side with its own threads or workers. */
export const load: Comparison = {
  title: "Loading faces",
  peer: "others",
  run: async (bench) => {
    const { rounds, clock, quick, scratch, progress } = bench;
    const python = installedPython(progress);
    const { folder } = await presetFolder("base-patch32", bench);
    const rows = await jpegFaces(quick ? 64 : FACES, FACE_SIZE, progress);
    const built = await build();
    const [table, list, first] = ["rows.json", "paths.json", "first.f32"].map((name) =>
      join(scratch, name),
    ) as [string, string, string];
    writeFileSync(table, JSON.stringify(rows));
    writeFileSync(list, JSON.stringify(rows.map(({ path }) => path)));
    const ours = serveNode(built.side("load"), folder, BATCH, table);
    const torch = servePython(python, SCRIPT, BATCH, list);
    const js = serveNode(built.side("load", "transformers"), folder, BATCH, table);
    try {
      await ours.call("first", { file: first });
      const apart = z.number().parse(await torch.call("agree", { file: first }));
      const mean = z.number().parse(await js.call("apart", { file: first }));
      const each = async (seconds: Promise<unknown>): Promise<number> =>
        z.number().parse(await seconds) / rows.length;
      const laps = await interleave(
        {
          files: () => each(ours.call("epoch", { clock, from: "files" })),
          torch: () => each(torch.call("epoch", { clock })),
          js: () => each(js.call("epoch", { clock })),
          held: () => each(ours.call("epoch", { clock, from: "held" })),
        },
        rounds,
      );
      const line = (beside: string, peer: number[], ratio: number): Line => ({
        what: `loading: ${FACE_SIZE}x${FACE_SIZE} JPEG to normalised 224x224 input, an image`,
        beside,
        unit: "s",
        ours: laps.files,
        peer,
        target: { ratio },
      });
      return {
        lines: [
          line("torchvision DataLoader, 2 workers", laps.torch, 1),
          line("transformers.js processor", laps.js, 4),
          { what: "faces held decoded, an image", unit: "s", ours: laps.held, peer: null },
        ],
        claims: [
          {
            text: `the first batch is ${apart.toExponential(1)} from torchvision's at most`,
            holds: apart <= 1e-5,
          },
          {
            // it resizes by another library, which is not Pillow's bicubic
            text: `it is ${mean.toExponential(1)} from transformers.js' in the mean`,
            holds: mean <= 0.1,
          },
        ],
        versions: {
          ...pythonVersions(python, ["torch", "torchvision", "pillow"]),
          "transformers.js": (await import("@huggingface/transformers")).env.version,
        },
      };
    } finally {
      await Promise.all([ours, torch, js].map((side) => side.stop()));
    }
  },
};
