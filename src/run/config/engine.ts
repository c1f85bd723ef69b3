/** @file The names of engines that a config may ask for. */

export const ENGINE_NAMES = [
  "onnx-cpu",
  "tfjs-node-gpu",
  "tfjs-node",
  "tfjs-wasm",
  "tfjs-cpu",
  "reference",
] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];
