/** @file Embeddings by any vision model of transformers.js, which is installed by whoever wants it. */
import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Tensor } from "@huggingface/transformers";
import type { Raster } from "../data/raster.ts";
import { EquiclipError, UsageError, messageOf } from "../run/errors.ts";
import { type RawEmbeddings, type TokenEncoder, inBatches } from "./encoder.ts";
import { modelHash } from "./onnx-encoder.ts";
import { type ModelResult, type Pool, pooled, tokensOf } from "./pool.ts";

type Transformers = typeof import("@huggingface/transformers");

async function loadLibrary(): Promise<Transformers> {
  try {
    return await import("@huggingface/transformers");
  } catch (cause) {
    throw new UsageError(
      `models of transformers.js need the package @huggingface/transformers, which is not installed: npm install @huggingface/transformers`,
      { cause },
    );
  }
}

/** A folder, or an id of the Hub, as the library names it. */
interface Source {
  readonly hf: Transformers;
  readonly name: string;
  /** Where its files are, once they are there. */
  readonly folder: string | null;
}

/** How the library looks for models, as it was before any was opened here. */
let before: Readonly<Pick<Transformers["env"], "localModelPath" | "allowRemoteModels">> | null =
  null;

/** An existing folder is taken for what it is, and then nothing is fetched. */
async function open(model: string): Promise<Source> {
  const hf = await loadLibrary();
  const { localModelPath, allowRemoteModels, cacheDir } = hf.env;
  before ??= { localModelPath, allowRemoteModels };
  if (!existsSync(model)) {
    Object.assign(hf.env, before);
    return { hf, name: model, folder: cacheDir === null ? null : join(cacheDir, model) };
  }
  const folder = resolve(model);
  Object.assign(hf.env, { localModelPath: dirname(folder), allowRemoteModels: false });
  return { hf, name: basename(folder), folder };
}

/** The library's reason in one line. */
const failed = (model: string, cause: unknown): EquiclipError =>
  new EquiclipError(
    `${model}: transformers.js cannot load it: ${messageOf(cause).split("\n")[0]}; check the id, connect, or pass a folder with config.json, preprocessor_config.json and onnx/`,
    1,
    { cause },
  );

/** Rows of each image where a model is a transformer, a feature map where it is a CNN. */
const LAST = "last_hidden_state";

/** 32-bit weights lie in the first of these that is there. */
const IMAGE_FILES = ["vision_model.onnx", "model.onnx"];
/** The weights' hash; where they cannot be found, the model's name must do. */
async function weightsOf({ name, folder }: Source): Promise<Record<string, string>> {
  const path = IMAGE_FILES.map((file) => join(folder ?? "", "onnx", file)).find(existsSync);
  return folder !== null && path ? { weights_sha256: await modelHash(path) } : { weights: name };
}

const floats = (tensor: Tensor): ModelResult => ({
  data: Float32Array.from(tensor.data as Float32Array),
  dims: tensor.dims,
});

export interface TransformersEncoder extends TokenEncoder {
  /** Whether `transformersTexts` knows the model's text tower. */
  readonly hasTexts: boolean;
}

/**
 * Opens a vision model by folder or Hub id. Images are decoded here and preprocessed by the library, as its users have
 * it. Of the results the first there is: `image_embeds`, `pooler_output` (unless `pool` is given), `last_hidden_state`.
 * @throws {EquiclipError} when the library is missing or cannot load the model
 */
export async function transformersImages(
  model: string,
  pool: Pool | undefined,
  batchSize: number,
): Promise<TransformersEncoder> {
  const source = await open(model);
  const { hf, name } = source;
  const extractor = await hf
    .pipeline("image-feature-extraction", name, { dtype: "fp32" })
    .catch((cause: unknown) => {
      throw failed(model, cause);
    });
  const { processor } = extractor;
  if (!processor)
    throw new UsageError(`${model}: expected an image processor; it is no vision model`);
  const toImage = ({ data, width, height }: Raster) =>
    new hf.RawImage(new Uint8ClampedArray(data), width, height, 3);
  /** The first of these results that there is. */
  const run = async (images: readonly Raster[], names: readonly string[]) => {
    const whole = Array.from({ length: batchSize }, (_, i) => toImage(images[i] ?? images[0]!));
    const { pixel_values: pixels } = await processor(whole);
    const results: Record<string, Tensor | undefined> = await extractor.model({
      pixel_values: pixels,
    });
    const found = names.find((key) => results[key]);
    if (found === undefined)
      throw new UsageError(
        `${model}: expected ${names.join(" or ")}, received ${Object.keys(results).join(", ")}; it gives no embeddings`,
      );
    return { what: `${model}: ${found}`, result: floats(results[found]!) };
  };
  const embeddings = ["image_embeds", ...(pool ? [] : ["pooler_output"]), LAST];
  return {
    about: {
      ...(await weightsOf(source)),
      pool: pool ?? "none",
      preprocessing: JSON.stringify(processor.image_processor?.config ?? {}),
    },
    preprocess: null,
    hasTexts: Object.hasOwn(TEXT_TOWERS, String(extractor.model.config.model_type)),
    embed: (images) =>
      inBatches(images, batchSize, async (some) => {
        const { what, result } = await run(some, embeddings);
        return pooled(what, result, pool);
      }),
    tokens: (images) =>
      inBatches(images, batchSize, async (some) => {
        const { what, result } = await run(some, [LAST]);
        return tokensOf(what, result);
      }),
    dispose: async () => {
      await extractor.dispose();
    },
  };
}

/** Text towers by `model_type`: the class, what it gives, and how the model was trained to be padded. */
const TEXT_TOWERS = {
  clip: { class: "CLIPTextModelWithProjection", output: "text_embeds", padding: true },
  siglip: { class: "SiglipTextModel", output: "pooler_output", padding: "max_length" },
} as const;

/** Embeddings of texts by the model's text tower. @throws {UsageError} when it has none that is known */
export async function transformersTexts(
  model: string,
  texts: readonly string[],
): Promise<RawEmbeddings> {
  const { hf, name } = await open(model);
  try {
    const { model_type: type } = await hf.AutoConfig.from_pretrained(name);
    if (!Object.hasOwn(TEXT_TOWERS, String(type)))
      throw new UsageError(
        `${model}: expected a model with texts (${Object.keys(TEXT_TOWERS).join(", ")}), received ${type}; leave --texts out`,
      );
    const tower = TEXT_TOWERS[type as keyof typeof TEXT_TOWERS];
    const tokenizer = await hf.AutoTokenizer.from_pretrained(name);
    const encoder = await hf[tower.class].from_pretrained(name, { dtype: "fp32" });
    const tokens = tokenizer([...texts], { padding: tower.padding, truncation: true });
    const results = await encoder(tokens);
    const result = pooled(model, floats(results[tower.output]), undefined);
    await encoder.dispose();
    return result;
  } catch (cause) {
    throw cause instanceof EquiclipError ? cause : failed(model, cause);
  }
}
