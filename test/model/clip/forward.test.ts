/** @file Where texts end, as transformers has it; the rest of the forward pass is in test/golden.suite.ts. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reference as referenceEngine } from "../../../src/engine/reference.ts";
import { input } from "../../../src/graph/build.ts";
import type { ClipConfig } from "../../../src/model/clip/config.ts";
import { eosPositions, textTower } from "../../../src/model/clip/text.ts";
import { hasReference } from "../../golden.ts";
import {
  engines,
  expectClose,
  golden,
  goldenJson,
  loadTiny,
  plain,
  run,
  textFeeds,
  towers,
} from "./tiny.ts";

/** The config of a checkpoint from before transformers 4.31. */
const legacy = (config: ClipConfig): ClipConfig => ({
  ...config,
  text: { ...config.text, eosTokenId: 2 },
});

describe.skipIf(!hasReference)("end-of-text of old checkpoints", () => {
  describe.each(engines)("$engine.name", ({ engine, forward }) => {
    test("legacy eos_token_id 2 pools at the largest id", async () => {
      const { config, weights, texts, inputs } = await loadTiny();
      const old = legacy(config);
      const { text } = towers(old, plain(old), 6, 5);
      const feeds = { ...inputs, ...textFeeds(old, texts) };
      const { embeds } = await run(engine, { embeds: text.embeds }, weights, feeds);
      const expected = await golden("legacy_eos.safetensors");
      expectClose(embeds, expected.get("text_embeds_raw"), forward, "text_embeds_raw");
    });
  });
});

describe.skipIf(!hasReference)("end-of-text", () => {
  test("positions are the golden ones under both rules", async () => {
    const { config, texts } = await loadTiny();
    const { eos_pooling } = (await goldenJson("clip-tiny", "golden.json")) as {
      eos_pooling: Record<string, number[]>;
    };
    expect(eosPositions(config, texts)).toEqual(eos_pooling["first_eos_position"]);
    expect(eosPositions(legacy(config), texts)).toEqual(
      eos_pooling["legacy_argmax_position_when_config_eos_token_id_is_2"],
    );
  });

  test("neither what follows it, nor the other texts of the batch, nor the length change an embedding", async () => {
    const { config, weights, texts } = await loadTiny();
    const layers = plain(config);
    const embed = async (batch: readonly Int32Array[]): Promise<Float64Array> => {
      const length = batch[0]!.length;
      const ids = input("inputIds", [batch.length, length], "int");
      const rows = input("eosRows", [batch.length], "int");
      const { embeds } = textTower(config, layers, ids, rows);
      const got = await run(referenceEngine, { embeds }, weights, textFeeds(config, batch));
      return got["embeds"]!.data as Float64Array;
    };
    const alone = await embed([texts[0]!.slice(0, 7)]); // 7 tokens with begin and end
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 7, max: 16 }),
        fc.array(fc.integer({ min: 0, max: 599 }), { minLength: 32, maxLength: 32 }),
        async (length, noise) => {
          const text = Int32Array.from(noise.slice(0, length));
          text.set(texts[0]!.subarray(0, 7));
          const other = Int32Array.from(noise.slice(16, 16 + length));
          const both = await embed([other, text]);
          both.slice(20).forEach((value, i) => expect(value).toBeCloseTo(alone[i]!, 12));
        },
      ),
      { numRuns: 5 },
    );
  });
});
