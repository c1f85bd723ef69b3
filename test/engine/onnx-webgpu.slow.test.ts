/** @file The WebGPU engine on a GPU in software, which compiles shaders slowly: the goldens and training. */
import { describe } from "vitest";
import { webgpuEngine } from "../../src/engine/onnx/webgpu.ts";
import { runGoldenSuite } from "../golden.suite.ts";
import { FLOAT32 } from "../model/clip/tiny.ts";
import { runTrainingSuite } from "../training.suite.ts";
import { useSoftwareGpu } from "./swiftshader.ts";

const missing = useSoftwareGpu();
const engine = await webgpuEngine();

describe.skipIf(missing !== null)(`onnx-webgpu (${missing ?? "SwiftShader"})`, () => {
  runGoldenSuite(engine, FLOAT32);
  runTrainingSuite(engine, 1e-4);
});
