/** @file Embeddings of images, and the classifier on them, by the weights as they are now. */
import type { Engine, Tensors } from "../engine/engine.ts";
import { constant, input, l2Normalize } from "../graph/build.ts";
import { leastBytes } from "../graph/liveness.ts";
import { type Node, type Shape, sizeOf } from "../graph/node.ts";
import { verify } from "../graph/verify.ts";
import { classPrototypes } from "../model/clip/heads.ts";
import type { Weights } from "../model/weights.ts";
import { ahead } from "../run/ahead.ts";
import { EquiclipError } from "../run/errors.ts";
import type { Classifier } from "./classifier.ts";
import type { Towers } from "./network.ts";
import type { ClassTexts } from "./texts.ts";
import { availableMemory, mib } from "./update/memory.ts";

const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

/** What towers are fed of some rows of a data set: [rows.length, ...rowShape]. */
export type RowSource = (rows: readonly number[]) => Promise<Float32Array>;

export interface Encoder {
  /** Embeddings [rows.length, D] in the order of `rows`; CLIP's are of unit length. */
  images(
    rows: readonly number[],
    source: RowSource,
    onProgress?: (done: number) => void,
  ): Promise<Float32Array>;
  /** The classifier that the class texts, or the probe, make. */
  classifier(): Promise<Classifier>;
  dispose(): Promise<void>;
}

/** What embeds images. */
export interface Embedder {
  readonly weights: Weights;
  /** What is fed for one row. */
  readonly rowShape: Shape;
  /** D */
  readonly width: number;
  /** [B, ...rowShape] -> [B, D] */
  readonly embeds: (rows: Node) => Node;
}

/** How weights make a classifier of embeddings. */
export interface ClassifierSource {
  /** What it takes besides, computed of the weights: the prototypes of classes [C, D], with what is fed; null for nothing. */
  readonly prototypes: { readonly node: Node; readonly feeds: Tensors } | null;
  readonly read: (weights: Weights, prototypes: Float32Array) => Classifier;
}

/** CLIP by its class texts: a temperature, and the prototypes as weights. */
const byTexts = (towers: Towers, texts: ClassTexts): ClassifierSource => ({
  prototypes: textGraph(towers, texts),
  read: (weights, weight) => ({
    weight,
    bias: null,
    scale: Math.exp(weights.get("logit_scale")!.data[0]!),
    classes: weight.length / towers.config.projectionDim,
    width: towers.config.projectionDim,
  }),
});
const byProbe: ClassifierSource = {
  prototypes: null,
  read: (weights) => {
    const weight = weights.get("probe.weight")!.data.slice();
    const bias = weights.get("probe.bias")!.data.slice();
    return { weight, bias, scale: 1, classes: bias.length, width: weight.length / bias.length };
  },
};

/** The encoder of CLIP's towers. @param texts the class texts, or null where a probe classifies. See `openEncoder`. */
export const createEncoder = (
  engine: Engine,
  towers: Towers,
  texts: ClassTexts | null,
  batchSize: number,
): Promise<Encoder> => {
  const { weights, rowShape, features, config } = towers;
  const embeds = (rows: Node): Node => l2Normalize(features(rows));
  return openEncoder(
    engine,
    { weights, rowShape, width: config.projectionDim, embeds },
    texts ? byTexts(towers, texts) : byProbe,
    batchSize,
  );
};

/**
 * Compiles an embedder once; later calls see the weights as they are then. Batches take them from a store of the engine.
 * Throws EquiclipError when memory is too small for the batch.
 */
export async function openEncoder(
  engine: Engine,
  { weights, rowShape, width, embeds: embedsOf }: Embedder,
  { prototypes: classes, read: classifierOf }: ClassifierSource,
  batchSize: number,
): Promise<Encoder> {
  // a product of one row is summed in another order, so that its last bits would depend on the batch size
  const shape = [Math.max(2, batchSize), ...rowShape];
  const embeds = embedsOf(input("rows", shape));
  const took = leastBytes([embeds]) + FLOAT_BYTES * (sizeOf(shape) + sizeOf(embeds.shape));
  const available = availableMemory();
  if (engine.memory === "host" && took > available)
    throw new EquiclipError(
      `evaluate.batchSize: a batch of ${batchSize} takes ${mib(took)} and more, expected at most the ${mib(available)} that are free; lower it`,
    );
  const read = [embeds, ...(classes ? [classes.node] : [])].map((node) => verify({ node }).feeds);
  const current: Tensors = Object.fromEntries(
    [...weights].filter(([name]) => read.some((feeds) => feeds.has(name))),
  );
  const store = await engine.store(current);
  const images = await engine.compile({ embeds }, store);
  const prompts = classes && (await engine.compile({ prototypes: classes.node }, store));

  return {
    async images(rows, source, onProgress) {
      await store.write(current);
      const out = new Float32Array(rows.length * width);
      const padded = new Float32Array(sizeOf(shape));
      const chunks = Array.from({ length: Math.ceil(rows.length / batchSize) }, (_, i) =>
        rows.slice(i * batchSize, (i + 1) * batchSize),
      );
      let done = 0;
      for await (const data of ahead(chunks, 2, source)) {
        padded.set(data);
        const { embeds } = await images.run({ rows: { shape, data: padded } });
        const count = Math.min(batchSize, rows.length - done);
        out.set((embeds!.data as Float32Array).subarray(0, count * width), done * width);
        done += count;
        onProgress?.(done);
      }
      return out;
    },
    async classifier() {
      if (!classes || !prompts) return classifierOf(weights, new Float32Array());
      await store.write(current);
      const { prototypes } = await prompts.run(classes.feeds);
      return classifierOf(weights, Float32Array.from(prototypes!.data));
    },
    async dispose() {
      await images.dispose();
      await prompts?.dispose();
      await store.dispose();
    },
  };
}

/** Unit embeddings of class texts [C, D] by weights as they are now. */
export async function encodeTexts(
  engine: Engine,
  towers: Towers,
  texts: ClassTexts,
): Promise<Float32Array> {
  const { node, feeds } = textGraph(towers, texts);
  const program = await engine.compile({ prototypes: node });
  try {
    const { prototypes } = await program.run({ ...Object.fromEntries(towers.weights), ...feeds });
    return Float32Array.from(prototypes!.data);
  } finally {
    await program.dispose();
  }
}

/** The class prototypes [C, D], and what is fed beside the weights. */
function textGraph(
  towers: Towers,
  { texts, averaging, classes }: ClassTexts,
): { node: Node; feeds: Tensors } {
  const all = [...texts.tokens.keys()];
  const embeds = texts.embeds(towers, all.length);
  const node = classPrototypes(embeds, constant(averaging, [classes, all.length]));
  return { node, feeds: texts.feeds(all) };
}
