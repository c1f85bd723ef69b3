/** @file The names of engines that a config may ask for. */

export const ENGINE_NAMES = ["onnx-cpu", "reference"] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];
