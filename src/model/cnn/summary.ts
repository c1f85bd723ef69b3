/** @file A network layer by layer, for people: what each is, the shape it gives, its parameters; and their totals. */
import { sizeOf } from "../../graph/node.ts";
import { COMPAT } from "./compat.ts";
import type { CnnConfig, Head, Output } from "./config.ts";
import type { Layer, LayerKind, LayerOf } from "./layers.ts";
import { cnnBuffers, parameterCount } from "./params.ts";
import { type Placed, classesOf, placeCnn, showSize } from "./shapes.ts";

export interface LayerRow {
  readonly name: string;
  readonly kind: LayerKind;
  /** "conv 3x3, 64, stride 2". */
  readonly what: string;
  /** Height x width x channels, or a vector's length. */
  readonly output: string;
  /** That are trained, of this layer alone. */
  readonly parameters: number;
  /** The residual that it is a part of. */
  readonly within: string | null;
}

export interface NetworkPart {
  /** The head's; null for the trunk. */
  readonly head: string | null;
  /** What comes out: "softmax, 5 classes"; null for the trunk. */
  readonly output: string | null;
  readonly rows: readonly LayerRow[];
  readonly parameters: number;
}

export interface NetworkSummary {
  readonly architecture: string;
  readonly input: string;
  /** The trunk, then every head. */
  readonly parts: readonly NetworkPart[];
  readonly parameters: number;
  /** Numbers that are kept but not trained: running statistics. */
  readonly buffers: number;
  /** The published flaws that it has, in a line each. */
  readonly flaws: readonly string[];
}

type Words<K extends LayerKind> = (layer: LayerOf<K>) => string;

const unless = (usual: boolean, text: string): string => (usual ? "" : `, ${text}`);
const square = (side: number): string => `${side}x${side}`;
const strideOf = ({ stride }: LayerOf<"conv">): string => unless(stride === 1, `stride ${stride}`);
const pool =
  (name: string) =>
  ({ kernel, stride, padding }: LayerOf<"maxPool" | "avgPool">): string =>
    `${name} ${square(kernel)}` +
    unless(stride === kernel, `stride ${stride}`) +
    unless(padding === "valid" || padding === 0, `padding ${padding}`);
/** Its convolutions, briefly: they have rows of their own. */
const convolutions = (layers: readonly Layer[]): string =>
  layers
    .flatMap((layer) =>
      layer.kind === "conv"
        ? [`conv ${square(layer.kernel)}, ${layer.filters}${strideOf(layer)}`]
        : [],
    )
    .join(" + ");

const WORDS: { readonly [K in LayerKind]: Words<K> } = {
  conv: (layer) => {
    const { padding, dilation, groups, l2 } = layer;
    return (
      convolutions([layer]) +
      unless(padding === "valid" || padding === 0, `padding ${padding}`) +
      unless(dilation === 1, `dilation ${dilation}`) +
      unless(groups === 1, `groups ${groups}`) +
      unless(l2 === 0, `L2 ${l2}`)
    );
  },
  batchNorm: () => "batch norm",
  groupNorm: ({ groups }) => `group norm, ${groups} ${groups === 1 ? "group" : "groups"}`,
  relu: () => "ReLU",
  maxPool: pool("max pool"),
  avgPool: pool("mean pool"),
  globalAvgPool: () => "mean of each channel",
  flatten: () => "flatten",
  dense: ({ units }) => `dense ${units}`,
  dropout: ({ rate }) => `dropout ${rate}`,
  residual: ({ body, shortcut }) =>
    `residual: ${convolutions(body)}` +
    (shortcut.length > 0 ? `; shortcut ${convolutions(shortcut)}` : ""),
};
const wordsFor = <K extends LayerKind>(layer: LayerOf<K>): string =>
  (WORDS[layer.kind as K] as Words<K>)(layer);

/** A layer after those inside it. */
function rowsOf(placed: Placed, within: string | null): LayerRow[] {
  const { layer, to, body, shortcut } = placed;
  const inner = [...body, ...shortcut];
  const row = {
    name: layer.name,
    kind: layer.kind,
    what: wordsFor(layer),
    output: showSize(to),
    parameters: inner.length > 0 ? 0 : parameterCount(placed),
    within,
  };
  return [...inner.flatMap((part) => rowsOf(part, layer.name)), row];
}

function part(head: string | null, output: string | null, layers: readonly Placed[]): NetworkPart {
  const rows = layers.flatMap((placed) => rowsOf(placed, null));
  return { head, output, rows, parameters: rows.reduce((sum, row) => sum + row.parameters, 0) };
}

const OUTPUTS: { readonly [O in Output]: string } = {
  softmax: "softmax",
  sigmoid: "sigmoid",
  "sigmoid-each": "a sigmoid each",
  "one-neuron-softmax": "softmax over one neuron",
  linear: "linear",
  relu: "ReLU",
};
function outputWords(head: Head): string {
  const tells = classesOf(head);
  if (tells !== null) return `${OUTPUTS[head.output]}, ${tells} classes`;
  const learnt = head.number?.code === "divided" ? `number / ${head.number.by}` : "age group / 4";
  return `${OUTPUTS[head.output]}, ${learnt}`;
}

/** Throws UsageError when layers do not fit each other. */
export function summarize(config: CnnConfig): NetworkSummary {
  const { size, channels } = config.input;
  const { trunk, heads } = placeCnn(config);
  const parts = [
    part(null, null, trunk),
    ...Object.entries(heads).map(([name, layers]) =>
      part(name, outputWords(config.heads[name]!), layers),
    ),
  ];
  return {
    architecture: config.architecture,
    input: showSize([channels, size, size]),
    parts,
    parameters: parts.reduce((sum, { parameters }) => sum + parameters, 0),
    buffers: cnnBuffers(config).reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    flaws: config.compat.map((flaw) => `${flaw}: ${COMPAT[flaw]}`),
  };
}
