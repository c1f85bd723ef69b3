/** @file From the start of a process to the end of its first step, ViT-B/32 from a local folder: equiclip beside PyTorch. */
import { join } from "node:path";
import type { Comparison } from "../lib/comparison.ts";
import { vitB32 } from "../lib/models.ts";
import { build } from "../lib/package.ts";
import { installedPython, pythonVersions } from "../lib/python.ts";
import { interleave } from "../lib/rounds.ts";
import { usageOf } from "../lib/usage.ts";

const SCRIPT = join(import.meta.dirname, "torch_side.py");

/** Both towers train on eight images and two prompts; the model's files are in the system's cache after the first round. */
export const start: Comparison = {
  title: "Start to first step",
  peer: "PyTorch",
  run: async (bench) => {
    const { rounds, clock, progress } = bench;
    const python = installedPython(progress);
    const { folder, name } = await vitB32(bench);
    const built = await build();
    const laps = await interleave(
      {
        ours: () => usageOf(python, [process.execPath, built.side("start"), folder])[clock],
        peer: () => usageOf(python, [python, SCRIPT, folder])[clock],
      },
      rounds,
    );
    return {
      lines: [
        {
          what: `process start to the end of the first step, ${name} from a folder`,
          beside: "transformers, fused AdamW",
          unit: "s",
          ...laps,
          target: { ratio: 1 },
        },
      ],
      claims: [],
      versions: pythonVersions(python, ["torch", "transformers"]),
    };
  },
};
