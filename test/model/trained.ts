/** @file A small CLIP whose gains and shifts are as trained models have them: no bias is zero, no gain is one. */
import { type ClipModel, loadClip } from "../../src/model/folder.ts";
import { random } from "../../src/run/random.ts";

export async function trainedClip(from = "preset:tiny"): Promise<ClipModel> {
  const preset = await loadClip(from);
  const stream = random(3, "weights");
  const weights = new Map(
    [...preset.weights].map(([name, { shape, data }]) => [
      name,
      name === "logit_scale"
        ? { shape, data }
        : { shape, data: data.map((x) => x + 0.1 * (1 + stream.normal())) },
    ]),
  );
  return { ...preset, weights };
}
