/** @file The WebGPU engine on a GPU in software: the suites that all engines pass, and what stays on the device. */
import { describe, expect, test } from "vitest";
import { openEngine } from "../../src/engine/catalog.ts";
import { adapter } from "../../src/engine/onnx/adapter.ts";
import { webgpuEngine } from "../../src/engine/onnx/webgpu.ts";
import { reference } from "../../src/engine/reference.ts";
import * as g from "../../src/graph/build.ts";
import { runEngineSuite } from "../engine.suite.ts";
import { runGoldenSuite } from "../golden.suite.ts";
import { FLOAT32 } from "../model/clip/tiny.ts";
import { runTrainingSuite } from "../training.suite.ts";
import { block } from "./block.ts";
import { useSoftwareGpu } from "./swiftshader.ts";

const missing = useSoftwareGpu();
const engine = await webgpuEngine();

if (missing === null) {
  runEngineSuite(engine, 1e-4);
  runGoldenSuite(engine, FLOAT32);
  runTrainingSuite(engine, 1e-4);
}

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

  test("a transformer block: loss and gradients equal the reference engine's", async () => {
    const { outputs, feeds } = block(5, 3, 16, 2);
    const program = await engine.compile(outputs);
    const got = await program.run(feeds);
    const want = await (await reference.compile(outputs)).run(feeds);
    for (const name of Object.keys(outputs)) {
      const scale = Math.max(...Array.from(want[name]!.data, Math.abs));
      got[name]!.data.forEach((v, i) =>
        expect(Math.abs(v - want[name]!.data[i]!), name).toBeLessThan(1e-4 * scale + 1e-6),
      );
    }
    await program.dispose();
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
