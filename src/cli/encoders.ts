/** @file Every kind of encoder that a command may be given, opened alike. */
import { clipImages, clipTexts } from "../embed/clip-encoder.ts";
import { readEmbeddings } from "../embed/embedding-file.ts";
import type { ImageEncoder, RawEmbeddings, TokenEncoder } from "../embed/encoder.ts";
import type { EmbeddingFile } from "../embed/format.ts";
import { networkImages } from "../embed/network-encoder.ts";
import { modelHash, onnxImages } from "../embed/onnx-encoder.ts";
import { pixelImages } from "../embed/pixel-encoder.ts";
import { transformersImages, transformersTexts } from "../embed/transformers-encoder.ts";
import { onnxEngine } from "../engine/onnx/engine.ts";
import { BYTE_VOCABULARY } from "../model/byte-tokenizer.ts";
import { clipImageProcessor } from "../model/image-processor.ts";
import type { ExploreEncoder } from "../run/config/explore-encoders.ts";
import { UsageError } from "../run/errors.ts";
import type { Progress } from "../run/progress.ts";
import { namedEmbeddings } from "./named-embeddings.ts";
import { defaultCache, namedModel, namedNetwork } from "./session.ts";

type EmbedTexts = (texts: readonly string[]) => Promise<RawEmbeddings>;

/** An encoder, ready to run: images are embedded by `image`, or lie in `file`; the other of both is null. */
export interface OpenEncoder {
  /** Which weights, and how images become their input: what tells its embeddings from those of others. */
  readonly about: Readonly<Record<string, string>>;
  readonly image: ImageEncoder | null;
  readonly file: EmbeddingFile | null;
  /** Embeds prompts, not scaled to unit length; null for a model without a text side. */
  readonly texts: EmbedTexts | null;
  /** Whether it was trained with words at all: a preset with a token a byte has seen its own prompts alone. */
  readonly knowsWords: boolean;
  /** Rows of each image, for models that have them (it throws where one has not); null for kinds that never have. */
  readonly tokens: TokenEncoder["tokens"] | null;
  readonly dispose: () => Promise<void>;
}

type Kind = ExploreEncoder["kind"];
/** What is to be opened, by kind; to this a config and the options of `equiclip embed` come down. */
export type EncoderSpec<K extends Kind = Kind> = Extract<ExploreEncoder, { kind: K }>;

type Openers = {
  readonly [K in Kind]: (
    spec: EncoderSpec<K>,
    batchSize: number,
    progress: Progress,
  ) => Promise<OpenEncoder>;
};

const NONE = { file: null, texts: null, knowsWords: true, tokens: null };
const byImages = (image: ImageEncoder): OpenEncoder => ({
  ...NONE,
  about: image.about,
  image,
  dispose: () => image.dispose(),
});

const OPEN: Openers = {
  pixels: async (spec) => byImages(pixelImages(spec)),
  clip: async ({ model: name, layer = null }, batchSize, progress) => {
    const network = await namedNetwork(name, layer);
    const engine = onnxEngine();
    if (network)
      return byImages(await networkImages(engine, network.model, network.layer, batchSize));
    if (typeof layer === "string")
      throw new UsageError(
        `layer ${JSON.stringify(layer)}: ${name} is a CLIP, whose layers are numbers: blocks of the image tower`,
      );
    const model = await namedModel(name, progress);
    const opened = byImages(await clipImages(engine, model, batchSize, defaultCache(), layer));
    return layer === null
      ? {
          ...opened,
          texts: (texts) => clipTexts(engine, model, texts),
          knowsWords: model.config.text.vocabSize > BYTE_VOCABULARY,
        }
      : opened;
  },
  transformers: async ({ model, pool }, batchSize) => {
    const image = await transformersImages(model, pool, batchSize);
    const texts = image.hasTexts ? (of: readonly string[]) => transformersTexts(model, of) : null;
    return { ...byImages(image), texts, tokens: (images) => image.tokens(images) };
  },
  onnx: async (spec, batchSize) => {
    const { file, input, output, pool } = spec;
    const choice = { input, output, pool, preprocess: preprocessOf(spec) };
    const image = await onnxImages(file, choice, batchSize);
    return { ...byImages(image), tokens: (images) => image.tokens(images) };
  },
  file: async ({ texts, kind: _kind, as: _as, ...section }) => {
    const file = await namedEmbeddings(section);
    return {
      ...NONE,
      about: {
        ...file.metadata,
        file_sha256: await modelHash(section.file),
        ...(texts !== undefined && { texts_sha256: await modelHash(texts) }),
      },
      image: null,
      file,
      texts: texts === undefined ? null : await textsOfFile(texts, file.d),
      dispose: async () => {},
    };
  },
};

/**
 * Opens an encoder. Where more than rows of images are needed, see which members are null.
 * @param batchSize images at a time; at least 2, see `ImageEncoder`.
 * @throws {EquiclipError} when it cannot be had, with the reason
 */
export const openAny = <K extends Kind>(
  spec: EncoderSpec<K>,
  batchSize: number,
  progress: Progress,
): Promise<OpenEncoder> => (OPEN[spec.kind] as Openers[K])(spec, batchSize, progress);

/** CLIP's processor with the size, mean and deviation that were asked for. */
const preprocessOf =
  ({ size, mean, std }: EncoderSpec<"onnx">) =>
  (own: number | null) => {
    const side = size ?? own;
    if (side === null)
      throw new UsageError("the ONNX file takes images of any size; say which: size, such as 224");
    const clip = clipImageProcessor(side);
    return { ...clip, mean: mean ?? clip.mean, std: std ?? clip.std };
  };

/** Texts that were embedded by the model of the images, looked up by name. */
async function textsOfFile(path: string, d: number): Promise<EmbedTexts> {
  const found = await readEmbeddings(path);
  if (!found.ids)
    throw new UsageError(`${path}: expected the text of each row as its name, received no names`);
  if (found.d !== d)
    throw new UsageError(
      `${path}: expected texts of ${d} numbers as the images have, received ${found.d}; embed them by the same model`,
    );
  const placeOf = new Map(found.ids.map((text, i) => [text, i]));
  return async (texts) => {
    const x = new Float32Array(texts.length * d);
    for (const [i, text] of texts.entries()) {
      const place = placeOf.get(text);
      if (place === undefined)
        throw new UsageError(
          `${path}: no embedding of the text ${JSON.stringify(text)}; embed it as well (equiclip embed --texts), or leave it out`,
        );
      x.set(found.x.subarray(place * d, (place + 1) * d), i * d);
    }
    return { x, d };
  };
}
