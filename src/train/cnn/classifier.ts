/** @file A convolutional network cut at a layer: embeddings below, a classifier above. */
import type { CnnConfig, Output } from "../../model/cnn/config.ts";
import {
  KERAS_EPSILON,
  cnnGraph,
  featureSize,
  lastLayerBelow,
  layersBelow,
} from "../../model/cnn/graph.ts";
import type { Layer, LayerKind } from "../../model/cnn/layers.ts";
import type { Weights } from "../../model/weights.ts";
import { UsageError } from "../../run/errors.ts";
import type { Classifier, HiddenLayer } from "../classifier.ts";
import type { ClassifierSource, Embedder } from "../encoder.ts";
import { paramNodes } from "../network.ts";

/** Layers that a classifier on vectors may be made of. */
const ON_VECTORS: ReadonlySet<LayerKind> = new Set(["dense", "relu", "dropout", "flatten"]);

/** Numbers of an embedding: probes and erasers take time that grows with the square of it, or the cube. */
const WIDEST = 4096;

interface Cut {
  /** Whose values are the embeddings. */
  readonly layer: string;
  /** D */
  readonly width: number;
  /** From there to the head's logits. */
  readonly above: readonly Layer[];
}

/**
 * Where a network is cut on the way to a head.
 * @param layer by default the one that the head's last dense layer reads.
 * Throws UsageError for one that is not on the way, that other layers than dense ones follow, or that has too many values.
 */
export function cutAt(config: CnnConfig, head: string, layer?: string): Cut {
  const name = layer ?? lastLayerBelow(config, head);
  const below = layersBelow(config, head);
  const way = [...config.trunk, ...config.heads[head]!.layers];
  const above = (of: string): Layer[] => way.slice(way.findIndex((it) => it.name === of) + 1);
  const width = (of: string): number => featureSize(config, head, of);
  const problemOf = (of: string): string | null => {
    if (!below.includes(of)) return `is no layer below the last one of ${head}`;
    if (!above(of).every(({ kind }) => ON_VECTORS.has(kind)))
      return "is followed by other layers than dense ones";
    return width(of) > WIDEST ? `has ${width(of)} values, more than ${WIDEST}` : null;
  };
  const problem = problemOf(name);
  if (problem !== null)
    throw new UsageError(
      `model.layer: "${name}" ${problem}; expected one of ${below.filter((of) => problemOf(of) === null).join(", ")}`,
    );
  return { layer: name, width: width(name), above: above(name) };
}

/** What makes the embeddings: the network up to the cut, with running statistics and without dropout. */
export function embedderOf(config: CnnConfig, weights: Weights, { layer, width }: Cut): Embedder {
  const { size, channels } = config.input;
  const param = paramNodes(weights);
  return {
    weights,
    rowShape: [channels, size, size],
    width,
    embeds: (pixels) => cnnGraph(config, param, pixels, { kind: "eval" }).featuresAt(layer),
  };
}

/** Class weights [C, D] and biases of a head's last layer, w [units, D]. */
type Outputs = {
  readonly [O in Output]?: (
    w: Float32Array,
    b: Float32Array,
  ) => Pick<Classifier, "weight" | "bias" | "link">;
};
const zeros = (of: Float32Array): Float32Array => new Float32Array(of.length);
const OUTPUTS: Outputs = {
  softmax: (weight, bias) => ({ weight, bias }),
  "sigmoid-each": (weight, bias) => ({ weight, bias, link: "sigmoid-each" }),
  // the logit of the first of two classes is 0
  sigmoid: (w, b) => ({
    weight: Float32Array.from([...zeros(w), ...w]),
    bias: Float32Array.of(0, b[0]!),
  }),
  "one-neuron-softmax": (w) => ({
    weight: Float32Array.from([...zeros(w), ...zeros(w)]),
    bias: Float32Array.of(Math.log(KERAS_EPSILON), Math.log(1 - KERAS_EPSILON)),
  }),
};

/** The classifier on embeddings of a cut. */
export const classifierAbove = (config: CnnConfig, head: string, cut: Cut): ClassifierSource => ({
  prototypes: null,
  read: (weights) => {
    const copy = (name: string): Float32Array => weights.get(name)!.data.slice();
    const linearOf = ({ name }: Layer) => ({
      weight: copy(`${name}.weight`),
      bias: copy(`${name}.bias`),
    });
    const hidden: HiddenLayer[] = [];
    for (const layer of cut.above.slice(0, -1)) {
      if (layer.kind === "dense") hidden.push({ linear: linearOf(layer), activation: "identity" });
      if (layer.kind === "relu") {
        const below = hidden.at(-1)?.activation === "identity" ? hidden.pop()! : null;
        hidden.push({ linear: below?.linear ?? null, activation: "relu" });
      }
    }
    const { weight, bias } = linearOf(cut.above.at(-1)!);
    const output = OUTPUTS[config.heads[head]!.output];
    if (!output)
      throw new UsageError(`data.target: the head "${head}" tells a number, not a class`);
    const made = output(weight, bias);
    return { ...made, hidden, scale: 1, classes: made.bias!.length, width: cut.width };
  },
});
