/**
 * @file A graph as an ONNX model that stands alone: weights inside, and sizes that stay open until it runs.
 *
 * Graphs have fixed shapes, so it is lowered at several sizes: whole numbers that change between them (shapes, ends of
 * slices) are linear in the sizes, and become nodes that compute them from the shape of an input.
 */
import type { Node, Shape } from "../../graph/node.ts";
import { verify } from "../../graph/verify.ts";
import { EquiclipError } from "../../run/errors.ts";
import { lower } from "./lower.ts";
import type { OnnxInitializer, OnnxModel, OnnxNode, OnnxValue } from "./writer.ts";

type Outputs = Readonly<Record<string, Node>>;

/** Builds the graph at given sizes, the same but for these. */
export type Build<S extends string> = (sizes: Readonly<Record<S, number>>) => Outputs;

/** Nodes in front that make some of the graph's feeds of the model's own inputs. */
export type Preamble = Pick<OnnxModel, "inputs" | "nodes" | "initializers">;
const NOTHING: Preamble = { inputs: [], nodes: [], initializers: [] };

export interface StandaloneWeights {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** A protobuf message ends here. */
const MOST_BYTES = 2 ** 31 - 1;

/** Primes: no size of a model is a multiple of one, so what changes with a size is told from what does not. */
const AT = [1009, 2003, 3001];
const ELSEWHERE = [5003, 6007, 7001];

/** base + sum of times[k] * size k */
interface Linear {
  readonly base: number;
  readonly times: readonly number[];
}
const isFixed = ({ times }: Linear): boolean => times.every((factor) => factor === 0);

/** A graph lowered at the first sizes, at those with one changed each, and with all changed. */
interface Lowered {
  readonly at: OnnxModel;
  readonly changed: readonly OnnxModel[];
  readonly elsewhere: OnnxModel;
}

function lowered<S extends string>(build: Build<S>, open: readonly S[]): Lowered {
  const model = (values: readonly number[]): OnnxModel => {
    const sizes = Object.fromEntries(open.map((name, k) => [name, values[k]!]));
    const outputs = build(sizes as Record<S, number>);
    return lower(verify(outputs), outputs, {
      standard: true,
      products: "float32",
      gpu: false,
      block: null,
    });
  };
  return {
    at: model(AT),
    changed: open.map((_name, k) => model(AT.with(k, ELSEWHERE[k]!))),
    elsewhere: model(ELSEWHERE),
  };
}

/** How a number that is read off each model depends on the sizes. Throws when it does so in no linear way: a bug. */
function linear({ at, changed, elsewhere }: Lowered, read: (model: OnnxModel) => number): Linear {
  const here = read(at);
  const times = changed.map((model, k) => (read(model) - here) / (ELSEWHERE[k]! - AT[k]!));
  const base = times.reduce((rest, factor, k) => rest - factor * AT[k]!, here);
  const there = times.reduce((sum, factor, k) => sum + factor * ELSEWHERE[k]!, base);
  if (there !== read(elsewhere) || !times.every(Number.isInteger))
    throw new Error(`a size of the graph is not linear in the open ones: ${here}, ${there}`);
  return { base, times };
}

/** A dimension: a number, or the name of an open size. */
function dimension(value: Linear, open: readonly string[]): number | string {
  if (isFixed(value)) return value.base;
  const name = open[value.times.indexOf(1)];
  return name ?? "";
}

const node = (
  type: string,
  inputs: readonly string[],
  output: string,
  axis?: number,
): OnnxNode => ({
  type,
  domain: "",
  inputs,
  outputs: [output],
  attributes: axis === undefined ? {} : { axis: { int: axis } },
});
const ints = (name: string, values: readonly number[]): OnnxInitializer => ({
  name,
  shape: [values.length],
  data: BigInt64Array.from(values, BigInt),
});

/** Nodes and constants that are added. Names hold a slash, which those of a lowered graph do not. */
class Additions {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxInitializer[] = [];

  constant(name: string, values: readonly number[]): string {
    this.initializers.push(ints(name, values));
    return name;
  }
  node(type: string, inputs: readonly string[], output: string, axis?: number): string {
    this.nodes.push(node(type, inputs, output, axis));
    return output;
  }

  /** A vector [1] of the size of an axis. */
  size(name: string, input: string, axis: number): void {
    const shape = this.node("Shape", [input], `size/${name}/shape`);
    this.node("Gather", [shape, this.constant(`size/${name}/axis`, [axis])], `size/${name}`, 0);
  }

  /** A vector [1] of a number that depends on the sizes. */
  #entry({ base, times }: Linear, name: string, open: readonly string[]): string {
    const terms = times.flatMap((factor, k) => {
      if (factor === 0) return [];
      const size = `size/${open[k]}`;
      if (factor === 1) return size;
      const by = this.constant(`${name}/times/${k}`, [factor]);
      return this.node("Mul", [size, by], `${name}/term/${k}`);
    });
    if (base !== 0) terms.push(this.constant(`${name}/base`, [base]));
    return terms.reduce((sum, term, i) => this.node("Add", [sum, term], `${name}/sum/${i}`));
  }

  /** A vector of whole numbers under the name that the graph knows. */
  vector(name: string, values: readonly Linear[], open: readonly string[]): void {
    const parts = values.map((value, i) =>
      isFixed(value)
        ? this.constant(`${name}/${i}`, [value.base])
        : this.#entry(value, `${name}/${i}`, open),
    );
    this.node("Concat", parts, name, 0);
  }
}

/**
 * The model of a graph with its weights inside and the sizes named in `open` left open, in standard ops alone.
 * @param build the graph at given sizes; an open size must be an axis of one of its inputs
 * @param weights every param of the graph, by name
 * @throws {EquiclipError} when the weights take more than the 2 GB that a file may hold
 */
export function standalone<S extends string>(
  build: Build<S>,
  open: readonly S[],
  weights: ReadonlyMap<string, StandaloneWeights>,
  preamble: Preamble = NOTHING,
): OnnxModel {
  const models = lowered(build, open);
  const { at } = models;
  const shapes = (pick: (model: OnnxModel) => readonly OnnxValue[]): OnnxValue[] =>
    pick(at).map((value, i) => ({
      ...value,
      shape: value.shape.map((_size, axis) =>
        dimension(
          linear(models, (model) => pick(model)[i]!.shape[axis] as number),
          open,
        ),
      ),
    }));

  const feeds = shapes(({ inputs }) => inputs).filter(({ name }) => !weights.has(name));
  const added = new Additions();
  for (const name of open) {
    const input = feeds.find(({ shape }) => shape.includes(name));
    if (!input) throw new Error(`no input of the graph has the open size ${name}`);
    added.size(name, input.name, input.shape.indexOf(name));
  }
  const constants = at.initializers.flatMap((initializer, i) => {
    const { name, data } = initializer;
    if (!(data instanceof BigInt64Array)) return initializer;
    const values = Array.from(data, (_value, j) =>
      linear(models, (model) => Number(model.initializers[i]!.data[j])),
    );
    if (values.every(isFixed)) return initializer;
    added.vector(name, values, open);
    return [];
  });

  const inside = at.inputs.flatMap(({ name }) => {
    const weight = weights.get(name);
    return weight ? { name, ...weight } : [];
  });
  const bytes = inside.reduce((sum, { data }) => sum + data.byteLength, 0);
  if (bytes > MOST_BYTES)
    throw new EquiclipError(
      `onnx: the weights take ${bytes} bytes, expected at most ${MOST_BYTES}, which is all that one ONNX file holds; export the towers one by one, or a smaller model`,
    );
  const made = new Set(preamble.nodes.flatMap(({ outputs }) => outputs));
  return {
    inputs: [...feeds.filter(({ name }) => !made.has(name)), ...preamble.inputs],
    initializers: [...inside, ...constants, ...added.initializers, ...preamble.initializers],
    nodes: [...preamble.nodes, ...added.nodes, ...at.nodes],
    outputs: shapes(({ outputs }) => outputs),
  };
}
