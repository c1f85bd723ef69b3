/** @file A CLIP with all that belongs to it, and the checks that its parts fit each other. */
import type { Shape } from "../graph/node.ts";
import { UsageError } from "../run/errors.ts";
import type { ClipConfig } from "./clip/config.ts";
import { clipParams } from "./clip/params.ts";
import type { ImageProcessor } from "./image-processor.ts";
import type { Tokenizer } from "./tokenizer.ts";
import type { StoredTensor, Weights } from "./weights.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export interface ClipModel {
  readonly config: ClipConfig;
  /** Every parameter of `clipParams(config)`, in its order. */
  readonly weights: Weights;
  readonly tokenizer: Tokenizer;
  readonly imageProcessor: ImageProcessor;
  /** The JSON files it came from, so that fields this program does not use survive a save. */
  readonly source: { readonly config: JsonObject; readonly imageProcessor: JsonObject };
}

/** Buffers of old checkpoints that hold 0, 1, 2, ... */
const isHarmless = (name: string): boolean => /(^|\.)embeddings\.position_ids$/.test(name);

const shown = (shape: Shape): string => `[${shape.join(", ")}]`;

/** "3 missing (a, b, ...)", or nothing when there are none. */
function listed(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const rest = names.length > 3 ? ", ..." : "";
  return [`${names.length} ${what} (${names.slice(0, 3).join(", ")}${rest})`];
}

/**
 * The parameters of a CLIP among stored tensors, as 32-bit floats.
 * Throws UsageError counting and naming tensors that are missing, unknown, of another shape or not floating-point.
 */
export function clipWeights(
  config: ClipConfig,
  tensors: ReadonlyMap<string, StoredTensor>,
  where: string,
): Weights {
  const weights: Weights = new Map();
  const missing: string[] = [];
  const wrong: string[] = [];
  const specs = clipParams(config);
  for (const { name, shape } of specs) {
    const tensor = tensors.get(name);
    if (!tensor) missing.push(name);
    else if (shown(tensor.shape) !== shown(shape))
      wrong.push(`${name}: expected ${shown(shape)}, received ${shown(tensor.shape)}`);
    else if (tensor.data instanceof Int32Array)
      wrong.push(`${name}: expected floating-point numbers, received integers`);
    else {
      const { data } = tensor;
      weights.set(name, {
        shape,
        data: data instanceof Float32Array ? data : Float32Array.from(data),
      });
    }
  }
  const known = new Set(specs.map(({ name }) => name));
  const extra = [...tensors.keys()].filter((name) => !known.has(name) && !isHarmless(name));
  const problems = [
    ...listed("missing", missing),
    ...listed("unknown", extra),
    ...listed("of another kind", wrong),
  ];
  if (problems.length > 0)
    throw new UsageError(
      `${where}: the weights do not fit config.json: of ${specs.length} tensors, ${problems.join("; ")}; take both files from the same CLIP model`,
    );
  return weights;
}

/** Throws UsageError when prompts or images would not fit the towers. */
export function checkParts(
  { text, vision }: ClipConfig,
  tokenizer: Tokenizer,
  { crop }: ImageProcessor,
  where: string,
): void {
  if (tokenizer.vocabSize > text.vocabSize)
    throw new UsageError(
      `${where}: the tokenizer has ${tokenizer.vocabSize} tokens, expected at most the model's ${text.vocabSize}; take both from the same model`,
    );
  // 2 stands for "the largest id" in old configs
  if (text.eosTokenId !== 2 && text.eosTokenId !== tokenizer.eosId)
    throw new UsageError(
      `${where}: the tokenizer ends texts with id ${tokenizer.eosId}, expected the model's eos_token_id ${text.eosTokenId}; take both from the same model`,
    );
  if (crop.width !== vision.imageSize || crop.height !== vision.imageSize)
    throw new UsageError(
      `${where}: the image processor gives ${crop.width} x ${crop.height} pixels, expected the model's ${vision.imageSize} x ${vision.imageSize}; take both from the same model`,
    );
}
