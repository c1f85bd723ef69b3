/** @file Batches that memory cannot hold: found before the first step, or told when the engine fails. */
import { describe, expect, test } from "vitest";
import type { Engine } from "../../../src/engine/engine.ts";
import { onnxEngine } from "../../../src/engine/onnx/engine.ts";
import * as g from "../../../src/graph/build.ts";
import { leastBytes } from "../../../src/graph/liveness.ts";
import type { Trainee } from "../../../src/train/network.ts";
import type { Objective } from "../../../src/train/objective.ts";
import { createUpdater } from "../../../src/train/update/create.ts";
import type { UpdateSettings } from "../../../src/train/update/updater.ts";

/** One weight, and a loss over all pairs of rows: a batch of B holds B^2 numbers. */
function pairs(): { network: Trainee; objective: Objective<Trainee> } {
  const w = g.param("w", [1]);
  return {
    network: {
      weights: new Map([["w", { shape: [1], data: Float32Array.of(2) }]]),
      param: () => w,
      trained: { names: new Set(["w"]) },
      rowShape: [1],
      features: (rows) => g.mul(rows, w),
    },
    objective: {
      rest: "filled",
      loss: (_network, x, weights) => {
        const e = g.exp(g.mul(g.matmul(x, x, { b: true }), weights)); // [B, B]
        return { value: g.reshape(g.sumKeep(g.mul(e, e), [0, 1]), []), state: {} };
      },
      feeds: () => ({}),
    },
  };
}
const settings = (batchSize: number): UpdateSettings => ({
  batchSize,
  accumulate: 2,
  optimizer: { name: "sgd", momentum: 0, nesterov: false, weightDecay: 0 },
  clipNorm: null,
  maxLogitScale: null,
  ema: null,
});
const create = (batchSize: number, available: number | null) => {
  const { network, objective } = pairs();
  return createUpdater(onnxEngine(), network, objective, settings(batchSize), null, available);
};
const step = async (batchSize: number, available: number | null): Promise<string> => {
  const updater = await create(batchSize, available);
  const batch = {
    rows: [...Array(Math.min(batchSize, 9)).keys()],
    inputs: new Float32Array(batchSize).fill(0.1),
    weights: new Float32Array(batchSize).fill(1),
  };
  return updater
    .update([batch], 0.1, () => {})
    .then(
      ({ loss }) => `loss ${loss.toFixed(3)}`,
      (error: unknown) => String(error),
    );
};

describe("memory", () => {
  test("a batch that cannot fit is refused before the first step, with one that can", async () => {
    await expect(create(5000, 2 ** 20)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[EquiclipError: training: out of memory: a batch of 5000 takes 96 MiB and more, expected at most the 1 MiB that are free; train.batchSize 466 should fit; train.accumulate 22 keeps the rows of a step]`,
    );
    await expect(create(5000, 7)).rejects.toThrow(/not even one row fits/);
  });

  test("the batch size named fits", async () => {
    const message = await create(5000, 2 ** 24).catch((error: unknown) => String(error));
    const named = Number(/train\.batchSize (\d+) should fit/.exec(message as string)![1]);
    expect(4 * named ** 2).toBeGreaterThan(2 ** 23);
    expect(await step(named, 2 ** 24)).toMatch(/^loss \d/);
  });

  test("an allocation that fails in a step is told the same way", async () => {
    // beyond all addresses: no machine has it, however it overcommits
    expect(await step(2 ** 23, Infinity)).toMatchInlineSnapshot(
      `"EquiclipError: training: out of memory: a batch of 8388608 does not fit: Failed to allocate memory for requested buffer of size 281474976710656; train.batchSize 4194304 should fit; train.accumulate 4 keeps the rows of a step"`,
    );
  });

  test("a last batch of its own size that fails is told of too, when the updater is disposed of", async () => {
    const engine = onnxEngine();
    let compiled = 0;
    const small: Engine = {
      ...engine,
      compile: (...args) =>
        compiled++ > 0 ? Promise.reject(new Error("out of memory")) : engine.compile(...args),
    };
    const { network, objective } = pairs();
    const updater = await createUpdater(small, network, objective, settings(4), null, null);
    const weights = Float32Array.of(1, 1);
    const batch = { rows: [0, 1], inputs: weights, weights };
    await expect(updater.update([batch], 0.1, () => {})).rejects.toThrow(/batchSize 2 should fit/);
    await updater.dispose();
  });

  test("values count from where they are computed to their last reader", () => {
    const x = g.input("x", [8]);
    const [a, b] = [g.exp(x), g.exp(g.mul(x, 2))];
    const kept = g.mul(g.mul(a, a), g.mul(b, b));
    // a and b have two readers each, and are there together
    expect(leastBytes([g.add(g.add(kept, a), b)])).toBe(2 * 8 * 4);
    expect(leastBytes([x])).toBe(0);
  });
});
