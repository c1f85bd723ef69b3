/** @file The engines and precisions that a config may ask for. */

export const ENGINE_NAMES = [
  "onnx-cpu",
  "onnx-webgpu",
  "onnx-cuda",
  "tfjs-node-gpu",
  "tfjs-node",
  "tfjs-wasm",
  "tfjs-cpu",
  "reference",
] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** What matrix products are computed in. */
export const PRECISIONS = ["float32", "float16", "bfloat16"] as const;
export type ProductPrecision = (typeof PRECISIONS)[number];
