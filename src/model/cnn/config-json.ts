/** @file A convolutional network's `config.json`. */
import { z } from "zod";
import { UsageError } from "../../run/errors.ts";
import { CNN_COMPAT } from "../../run/config/cnn.ts";
import { type CnnConfig, OUTPUTS } from "./config.ts";
import type { Layer } from "./layers.ts";
import { placeCnn } from "./shapes.ts";

export const MODEL_TYPE = "equiclip-cnn";

const count = z.int().positive();
const name = z.string().min(1);
const padding = z.union([z.int().min(0), z.literal("valid"), z.literal("same")], {
  error: 'expected a whole number, "valid" or "same"',
});
const pool = { name, kernel: count, stride: count, padding };
const layer: z.ZodType<Layer> = z.lazy(() =>
  z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("conv"),
      name,
      filters: count,
      kernel: count,
      stride: count,
      padding,
      dilation: count,
      groups: count,
      bias: z.boolean(),
      l2: z.number().min(0),
    }),
    z.object({
      kind: z.literal("batchNorm"),
      name,
      eps: z.number().positive(),
      momentum: z.number().min(0).max(1),
    }),
    z.object({ kind: z.literal("groupNorm"), name, groups: count, eps: z.number().positive() }),
    z.object({ kind: z.literal("relu"), name }),
    z.object({ kind: z.literal("maxPool"), ...pool }),
    z.object({ kind: z.literal("avgPool"), ...pool }),
    z.object({ kind: z.literal("globalAvgPool"), name }),
    z.object({ kind: z.literal("flatten"), name }),
    z.object({ kind: z.literal("dense"), name, units: count }),
    z.object({ kind: z.literal("dropout"), name, rate: z.number().min(0).lt(1) }),
    z.object({ kind: z.literal("residual"), name, body: layers, shortcut: layers }),
  ]),
);
export const layers = z.array(layer);
const head = z.object({
  layers,
  output: z.enum(OUTPUTS),
  number: z.nullable(
    z.discriminatedUnion("code", [
      z.object({ code: z.literal("divided"), by: z.number().positive() }),
      z.object({ code: z.literal("age-groups") }),
    ]),
  ),
});
const schema = z.object({
  model_type: z.literal(MODEL_TYPE),
  architecture: name,
  input: z.object({ size: count, channels: z.union([z.literal(1), z.literal(3)]) }),
  init: z.enum(["keras", "pytorch", "torchvision"]),
  compat: z.array(z.enum(CNN_COMPAT)),
  trunk: layers.min(1),
  heads: z.record(name, head),
});

/**
 * Reads a parsed `config.json`.
 * @param where names the file in errors. Throws UsageError for another `model_type`, a value out of range, and layers
 * that do not fit each other.
 */
export function parseCnnConfig(json: unknown, where: string): CnnConfig {
  const result = schema.safeParse(json);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    throw new UsageError(
      `${where}: ${path.join(".") || "the file"}: ${message}; take the model's original config.json`,
    );
  }
  const { model_type: _, ...config } = result.data;
  placeCnn(config, where);
  return config;
}

/** The content of a `config.json` that `parseCnnConfig` reads as the same network. */
export const toCnnJson = (config: CnnConfig): Readonly<Record<string, unknown>> => ({
  model_type: MODEL_TYPE,
  ...config,
});
