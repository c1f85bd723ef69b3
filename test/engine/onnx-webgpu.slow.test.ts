/** @file The WebGPU engine on a GPU in software, which compiles shaders slowly: the goldens and training. */
import { describe, test } from "vitest";
import { webgpuEngine } from "../../src/engine/onnx/webgpu.ts";
import { runGoldenSuite } from "../golden.suite.ts";
import { FLOAT32 } from "../model/clip/tiny.ts";
import { runTrainingSuite } from "../training.suite.ts";
import { useSoftwareGpu } from "./swiftshader.ts";

const missing = useSoftwareGpu();
if (missing === null) {
  const engine = await webgpuEngine();
  runGoldenSuite(engine, FLOAT32);
  runTrainingSuite(engine, 1e-4);
} else describe.skip("onnx-webgpu", () => test(missing, () => {}));
