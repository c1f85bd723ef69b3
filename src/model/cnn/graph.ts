/** @file A network as a graph: pixels -> the last dense layer of every head, and places between to read or enter at. */
import * as g from "../../graph/build.ts";
import type { Node, Shape } from "../../graph/node.ts";
import { sizeOf } from "../../graph/node.ts";
import { UsageError } from "../../run/errors.ts";
import { nearest } from "../../run/suggest.ts";
import type { Weights } from "../weights.ts";
import type { CnnConfig, Head } from "./config.ts";
import type { Layer, LayerKind, LayerOf } from "./layers.ts";
import { type Placed, layersOf, paddingAround, placeCnn } from "./shapes.ts";

/** The node of a parameter or buffer by its name. */
type Params = (name: string) => Node;

/** What one dropout layer multiplies its input by: each value 0 with probability `rate`, else 1 / (1 - rate). */
export interface DropoutMask {
  /** The layer's. */
  readonly name: string;
  /** [B, C, H, W] or [B, D]. */
  readonly shape: Shape;
  readonly rate: number;
}

/** `eval`: running statistics, no dropout. */
export type CnnMode =
  | { readonly kind: "eval" }
  | {
      readonly kind: "train";
      /** The node of a mask that the host draws. */
      readonly mask: (mask: DropoutMask) => Node;
    };

/** Running statistics after a training step, by name: what replaces the buffers. Empty in `eval`. */
export type BatchState = Readonly<Record<string, Node>>;

export interface CnnGraph {
  /** What the last dense layer of each head gives: [B, units]. */
  readonly outputs: Readonly<Record<string, Node>>;
  readonly state: BatchState;
  /** What a layer gives, those inside residuals too: [B, C, H, W] or [B, D]. Throws UsageError for an unknown name. */
  layer(name: string): Node;
  /** The same as one vector per image, channels first: [B, D]. */
  featuresAt(name: string): Node;
}

interface Run {
  readonly param: Params;
  readonly mode: CnnMode;
  readonly nodes: Map<string, Node>;
  readonly state: Record<string, Node>;
}

const pair = (value: number): readonly [number, number] => [value, value];

function windowOf(layer: LayerOf<"conv" | "maxPool" | "avgPool">, x: Node) {
  const [height, width] = x.shape.slice(2) as [number, number];
  return { stride: pair(layer.stride), padding: paddingAround(layer, height, width) };
}

type Build<K extends LayerKind> = (layer: LayerOf<K>, x: Node, run: Run) => Node;

/** Batch norm in training: the batch's own statistics, and what the running ones become (the unbiased variance). */
function normalizeByBatch({ name, eps, momentum }: LayerOf<"batchNorm">, x: Node, run: Run): Node {
  const count = sizeOf(x.shape) / x.shape[1]!;
  if (count < 2)
    throw new UsageError(
      `layer "${name}": a batch of one gives one value per channel, which has no variance; use batches of two images or more, also for the last one of an epoch`,
    );
  const moments = g.momentsOf(x);
  const now = {
    running_mean: moments.mean,
    running_var: g.mul(moments.variance, count / (count - 1)),
  };
  for (const [part, value] of Object.entries(now)) {
    const key = `${name}.${part}`;
    run.state[key] = g.add(g.mul(run.param(key), 1 - momentum), g.mul(value, momentum));
  }
  const [gamma, beta] = [run.param(`${name}.weight`), run.param(`${name}.bias`)];
  return g.batchNorm(x, moments, gamma, beta, eps);
}

const BUILD: { readonly [K in LayerKind]: Build<K> } = {
  conv: (layer, x, { param }) =>
    g.conv2d(x, param(`${layer.name}.weight`), layer.bias ? param(`${layer.name}.bias`) : null, {
      ...windowOf(layer, x),
      dilation: pair(layer.dilation),
      groups: layer.groups,
    }),
  batchNorm: (layer, x, run) => {
    const { param, mode } = run;
    const { name, eps } = layer;
    if (mode.kind === "train") return normalizeByBatch(layer, x, run);
    const moments = { mean: param(`${name}.running_mean`), variance: param(`${name}.running_var`) };
    return g.batchNorm(x, moments, param(`${name}.weight`), param(`${name}.bias`), eps);
  },
  groupNorm: ({ name, groups, eps }, x, { param }) =>
    g.groupNorm(x, groups, param(`${name}.weight`), param(`${name}.bias`), eps),
  relu: (_, x) => g.relu(x),
  maxPool: (layer, x) => g.maxPool(x, { ...windowOf(layer, x), kernel: pair(layer.kernel) }),
  avgPool: (layer, x) => g.avgPool(x, { ...windowOf(layer, x), kernel: pair(layer.kernel) }),
  globalAvgPool: (_, x) => g.globalAvgPool(x),
  flatten: (_, x) => g.flatten(x),
  dense: ({ name }, x, { param }) => g.linear(x, param(`${name}.weight`), param(`${name}.bias`)),
  dropout: ({ name, rate }, x, { mode }) =>
    mode.kind === "eval" || rate === 0 ? x : g.mul(x, mode.mask({ name, shape: x.shape, rate })),
  residual: ({ body, shortcut }, x, run) => g.add(through(body, x, run), through(shortcut, x, run)),
};
const built = <K extends LayerKind>(layer: LayerOf<K>, x: Node, run: Run): Node =>
  (BUILD[layer.kind as K] as Build<K>)(layer, x, run);

function through(layers: readonly Layer[], x: Node, run: Run): Node {
  let value = x;
  for (const layer of layers) {
    value = built(layer, value, run);
    run.nodes.set(layer.name, value);
  }
  return value;
}

/**
 * Layers without a head, with running statistics and without dropout, as in evaluation.
 * @param x [B, channels, size, size] @returns what the last layer gives: [B, C, H, W] or [B, D]
 */
export const trunkGraph = (layers: readonly Layer[], param: Params, x: Node): Node =>
  through(layers, x, { param, mode: { kind: "eval" }, nodes: new Map(), state: {} });

function unknown(config: CnnConfig, name: string, known: readonly string[]): UsageError {
  const near = nearest(name, known);
  return new UsageError(
    `cnn:${config.architecture} has no layer "${name}"${near ? `; did you mean "${near}"?` : ""}, expected one of ${known.join(", ")}`,
  );
}

/**
 * The whole network.
 * @param param gives parameters (`cnnParams`) and buffers (`cnnBuffers`). @param pixels [B, channels, size, size]
 */
export function cnnGraph(config: CnnConfig, param: Params, pixels: Node, mode: CnnMode): CnnGraph {
  placeCnn(config);
  const { size, channels } = config.input;
  const expected = [channels, size, size];
  if (expected.some((d, i) => d !== pixels.shape[i + 1]))
    throw new UsageError(
      `cnn:${config.architecture}: expected images of [${expected.join(", ")}], received [${pixels.shape.slice(1).join(", ")}]`,
    );
  const run: Run = { param, mode, nodes: new Map(), state: {} };
  const features = through(config.trunk, pixels, run);
  const outputs = Object.fromEntries(
    Object.entries(config.heads).map(([name, { layers }]) => [
      name,
      through(layers, features, run),
    ]),
  );
  const layer = (name: string): Node => {
    const node = run.nodes.get(name);
    if (!node) throw unknown(config, name, [...run.nodes.keys()]);
    return node;
  };
  return { outputs, state: run.state, layer, featuresAt: (name) => g.flatten(layer(name)) };
}

/** What a layer gives of images fed as `pixels` [B, channels, size, size], with weights fed by name: [B, D]. */
export function layerEmbeds(
  config: CnnConfig,
  weights: Weights,
  layer: string,
  batchSize: number,
): Node {
  const { size, channels } = config.input;
  const pixels = g.input("pixels", [batchSize, channels, size, size]);
  const param = (name: string): Node => g.param(name, weights.get(name)!.shape);
  return cnnGraph(config, param, pixels, { kind: "eval" }).featuresAt(layer);
}

/** The layers on the way to a head, one after the other. */
function wayTo(config: CnnConfig, head: string): readonly Placed[] {
  const { trunk, heads } = placeCnn(config);
  const own = heads[head];
  if (!own)
    throw new UsageError(
      `cnn:${config.architecture} has no head "${head}", expected one of ${Object.keys(heads).join(", ")}`,
    );
  return [...trunk, ...own];
}

/** Where embeddings may be read and changed on the way to a head: every layer but the last, those inside residuals left out. */
export const layersBelow = (config: CnnConfig, head: string): readonly string[] =>
  wayTo(config, head)
    .slice(0, -1)
    .map(({ layer }) => layer.name);

/** What the last dense layer of a head reads: the place to change embeddings where none is named. */
export const lastLayerBelow = (config: CnnConfig, head: string): string =>
  layersBelow(config, head).at(-1)!;

/** Numbers of the vector that `featuresAt` gives. */
export const featureSize = (config: CnnConfig, head: string, layer: string): number =>
  sizeOf(placedAt(config, head, layer).at.to);

function placedAt(config: CnnConfig, head: string, name: string) {
  const way = wayTo(config, head);
  const index = way.findIndex(({ layer }) => layer.name === name);
  if (index < 0 || index === way.length - 1) throw unknown(config, name, layersBelow(config, head));
  return { at: way[index]!, rest: way.slice(index + 1) };
}

/**
 * What remains of the way to a head above a layer.
 * @param vectors of `featuresAt(layer)`, changed or not: [B, D]
 * @returns what the head's last dense layer gives [B, units], and running statistics of the layers that remain
 */
export function above(
  config: CnnConfig,
  param: Params,
  layer: string,
  head: string,
  vectors: Node,
  mode: CnnMode = { kind: "eval" },
): { readonly output: Node; readonly state: BatchState } {
  const { at, rest } = placedAt(config, head, layer);
  const run: Run = { param, mode, nodes: new Map(), state: {} };
  const x = g.reshape(vectors, [vectors.shape[0]!, ...at.to]);
  const output = through(
    rest.map((placed) => placed.layer),
    x,
    run,
  );
  return { output, state: run.state };
}

/** The sum over layers with an L2 penalty of l2 * sum(w^2), as Keras adds it to the loss; null where none has one. */
export function penalty(config: CnnConfig, param: Params): Node | null {
  return layersOf(config).reduce<Node | null>((total, layer) => {
    if (layer.kind !== "conv" || layer.l2 === 0) return total;
    const kernel = param(`${layer.name}.weight`);
    const own = g.mul(g.sum(g.mul(kernel, kernel)), layer.l2);
    return total ? g.add(total, own) : own;
  }, null);
}

/** Keras' `epsilon`, which keeps logarithms of probabilities finite. */
export const KERAS_EPSILON = 1e-7;

/**
 * Logits whose softmax is the class probabilities, from what a head's last dense layer gives; see `Output`.
 * @param z [B, units] @returns [B, classes]
 * @throws Error for a head that tells a number
 */
export function classLogits({ output }: Head, z: Node): Node {
  const [batch, units] = z.shape as [number, number];
  switch (output) {
    case "softmax":
      return z;
    case "sigmoid":
      return g.concat([g.constant(0, [batch, 1]), z], 1);
    case "sigmoid-each": {
      // Keras divides the sigmoids by their sum: the logits are log sigmoid(z), here the second of logSoftmax([0, z])
      const pairs = g.concat(
        [g.constant(0, [batch, units, 1]), g.reshape(z, [batch, units, 1])],
        2,
      );
      return g.reshape(g.slice(g.logSoftmax(pairs), 2, 1, 2), [batch, units]);
    }
    case "one-neuron-softmax": {
      const one = [Math.log(KERAS_EPSILON), Math.log(1 - KERAS_EPSILON)];
      return g.broadcast(g.constant(one, [1, 2]), [batch, 2]);
    }
    case "linear":
    case "relu":
      throw new Error(`a head with output ${output} tells a number, not classes`);
  }
}

/** The number that a head tells, in the units that it learns in: [B, 1] -> [B]. */
export const numberOf = ({ output }: Head, z: Node): Node =>
  g.reshape(output === "relu" ? g.relu(z) : z, [z.shape[0]!]);
