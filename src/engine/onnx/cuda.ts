/** @file onnxruntime-node on an NVIDIA GPU: JavaScript cannot keep tensors there, so weights cross the bus in every run. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import type { ProductPrecision } from "../../run/config/engine.ts";
import type { Engine, Missing } from "../engine.ts";
import { hostEngine } from "../host.ts";
import { probe } from "./probe.ts";
import { hostProgram } from "./program.ts";

/** The library that onnxruntime-node's install script downloads, in the folder of its package. */
const LIBRARY = "bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so";
const INSTALL = "script/install.js";

/** What this machine lacks, the first thing first. Never throws. */
export async function cudaMissing(): Promise<Missing | null> {
  const here = `${process.platform}-${process.arch}`;
  if (here !== "linux-x64")
    return { reason: `onnxruntime-node has CUDA for linux-x64 alone, not ${here}`, install: null };
  // the second is the driver in WSL
  if (!["/dev/nvidiactl", "/usr/lib/wsl/lib/libcuda.so.1"].some((file) => existsSync(file)))
    return { reason: "no NVIDIA GPU with a driver (no /dev/nvidiactl)", install: null };
  const runtime = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
  if (!existsSync(join(runtime, LIBRARY)))
    return {
      reason: "onnxruntime's CUDA library is not downloaded",
      install: `node ${relative(process.cwd(), join(runtime, INSTALL))} --onnxruntime-node-install`,
    };
  const { failure } = await probe("cuda");
  return failure === null
    ? null
    : {
        reason: `CUDA 12 with cuDNN 9 does not load: ${failure}`,
        install: "apt install cuda-libraries-12-8 libcudnn9-cuda-12 (of NVIDIA's repository)",
      };
}

/** onnxruntime-node on the first NVIDIA GPU. @param precision of matrix products. */
export function cudaEngine(precision: ProductPrecision = "float32"): Engine {
  // cuBLAS would round the sides of float32 products to 10 bits; read when it is loaded
  process.env["NVIDIA_TF32_OVERRIDE"] ??= "0";
  return hostEngine("onnx-cuda", precision, (outputs) =>
    hostProgram(
      outputs,
      { standard: false, products: precision, gpu: true, block: null },
      { executionProviders: ["cuda"], graphOptimizationLevel: "basic" },
    ),
  );
}
