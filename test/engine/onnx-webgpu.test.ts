/** @file The WebGPU engine on a GPU in software: the ops, and what stays on the device; training is in the slow tests. */
import { describe, expect, test } from "vitest";
import { openEngine } from "../../src/engine/catalog.ts";
import { adapter } from "../../src/engine/onnx/adapter.ts";
import { webgpuEngine } from "../../src/engine/onnx/webgpu.ts";
import * as g from "../../src/graph/build.ts";
import { runEngineSuite } from "../engine.suite.ts";
import { useSoftwareGpu } from "./swiftshader.ts";

const missing = useSoftwareGpu();
const engine = await webgpuEngine();

if (missing === null) runEngineSuite(engine, 1e-4);

describe.skipIf(missing !== null)(`onnx-webgpu (${missing ?? "SwiftShader"})`, () => {
  test("a device that is a program is known as such", async () => {
    expect(await adapter()).toEqual({
      missing: null,
      software: expect.stringContaining("SwiftShader") as unknown,
      float16: false,
    });
    await expect(openEngine("onnx-webgpu", { precision: "float16" })).rejects.toThrow(
      "precision: onnx-webgpu computes in float32 here, not in float16; set precision to float32, or engine to one that has it",
    );
  });

  test("a store outlives the programs that changed it, and old values are given back", async () => {
    const size = 2 ** 18; // 1 MB
    const w = g.param("w", [size]);
    const store = await engine.store({ w: { shape: [size], data: new Float32Array(size) } });
    const step = await engine.compile({ w: g.add(w, 1), at: g.slice(w, 0, 0, 1) }, store);
    await step.run({});
    const before = process.memoryUsage.rss();
    for (let i = 1; i < 300; i++) await step.run({});
    // 300 values that stay would be 300 MB
    expect(process.memoryUsage.rss() - before).toBeLessThan(60e6);
    await step.dispose();
    const sum = await engine.compile({ mean: g.mean(w) }, store);
    expect((await sum.run({}))["mean"]!.data[0]).toBe(300);
    await sum.dispose();
    expect((await store.read(["w"]))["w"]!.data.at(-1)).toBe(300);
    await store.dispose();
  });
});
