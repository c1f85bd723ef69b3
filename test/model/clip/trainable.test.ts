/** @file Which parameters each choice of trainable parts trains. */
import { describe, expect, test } from "vitest";
import { UsageError } from "../../../src/run/errors.ts";
import { parseClipConfig } from "../../../src/model/clip/config.ts";
import { clipParams } from "../../../src/model/clip/params.ts";
import { type Trainable, trainedParams } from "../../../src/model/clip/trainable.ts";

const config = parseClipConfig(
  {
    model_type: "clip",
    text_config: { num_hidden_layers: 3 },
    vision_config: { num_hidden_layers: 4 },
  },
  "config.json",
);
const all = clipParams(config).map((p) => p.name);
const names = (trainable: Trainable): string[] =>
  [...trainedParams(config, trainable, 2).names].toSorted();
const adapters = { kind: "lora", rank: 2, alpha: 4, modules: ["q_proj", "fc2"] } as const;

describe("trainedParams", () => {
  test("full is every parameter", () => {
    expect(names({ kind: "full" })).toEqual(all.toSorted());
  });

  test("blocks are the last ones, their final norm and projection, and the temperature", () => {
    const got = names({ kind: "blocks", image: 1, text: 0 });
    expect(got).toEqual(
      all
        .filter((n) =>
          /^(vision_model\.(encoder\.layers\.3|post_layernorm)\.|visual_projection|logit_scale)/.test(
            n,
          ),
        )
        .toSorted(),
    );
    expect(got).toHaveLength(16 + 2 + 1 + 1);
  });

  test("head is both projections and the temperature", () => {
    expect(names({ kind: "head" })).toEqual([
      "logit_scale",
      "text_projection.weight",
      "visual_projection.weight",
    ]);
  });

  test("lora adds two matrices per projection, and leaves all that was there", () => {
    const { names: trained, added } = trainedParams(config, { ...adapters, towers: ["text"] }, 2);
    expect(trained.size).toBe(3 * 2 * 2);
    expect([...trained]).toEqual(added.map((p) => p.name));
    expect(all.some((n) => trained.has(n))).toBe(false);
    const shapes = new Map(added.map((p) => [p.name, p.shape]));
    expect(shapes.get("text_model.encoder.layers.2.mlp.fc2.lora_A.weight")).toEqual([2, 2048]);
    expect(shapes.get("text_model.encoder.layers.2.mlp.fc2.lora_B.weight")).toEqual([512, 2]);
  });

  test("probe is a classifier per class on a frozen model", () => {
    const { names: trained, added } = trainedParams(config, { kind: "probe" }, 5);
    expect([...trained]).toEqual(["probe.weight", "probe.bias"]);
    expect(added.map((p) => p.shape)).toEqual([[5, 512], [5]]);
  });

  test("more blocks than there are, and nothing at all, are refused", () => {
    const tooMany = () => trainedParams(config, { kind: "blocks", image: 5, text: 0 }, 2);
    expect(tooMany).toThrow(UsageError);
    expect(tooMany).toThrow(
      "model.trainable.image: 5 blocks, but the image tower has 4; give 0 to 4",
    );
    const nothing = () => trainedParams(config, { kind: "blocks", image: 0, text: 0 }, 2);
    expect(nothing).toThrow(UsageError);
    expect(nothing).toThrow(/leave nothing to train/);
  });
});
