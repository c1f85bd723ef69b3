/** @file The engines that compute on a GPU, where this machine has one: what every engine must pass. */
import { describe } from "vitest";
import { ENGINES } from "../../src/engine/catalog.ts";
import { adapter } from "../../src/engine/onnx/adapter.ts";
import { runCnnGoldenSuite } from "../cnn-golden.suite.ts";
import { runEngineSuite } from "../engine.suite.ts";
import { runGoldenSuite } from "../golden.suite.ts";
import { FLOAT32 } from "../model/clip/tiny.ts";
import { runTrainingSuite } from "../training.suite.ts";

/** What it lacks here, or null. Software is tested in a file of its own. */
async function lackingOf(name: keyof typeof ENGINES): Promise<string | null> {
  const missing = await ENGINES[name].missing();
  if (missing !== null) return missing.reason;
  return name === "onnx-webgpu" ? (await adapter()).software : null;
}

for (const name of ["onnx-cuda", "onnx-webgpu", "tfjs-node-gpu"] as const) {
  const lacking = await lackingOf(name);
  const engine = lacking === null ? await ENGINES[name].open({}) : null;
  describe.skipIf(engine === null)(`${name} (${lacking ?? "on this GPU"})`, () => {
    if (engine === null) return;
    runEngineSuite(engine, 1e-4);
    runGoldenSuite(engine, FLOAT32);
    runCnnGoldenSuite(engine, 1e-4);
    runTrainingSuite(engine, 1e-4);
  });
}
