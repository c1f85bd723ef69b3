/** @file Collects ONNX nodes and constants under fresh names while a graph is lowered. */
import type { ProductPrecision } from "../../run/config/engine.ts";
import { type Shape, sameShape, showShape } from "../../graph/node.ts";
import {
  type Attribute,
  DATA_TYPE,
  type Domain,
  type OnnxInitializer,
  type OnnxNode,
} from "./writer.ts";

/** How a graph is lowered. */
export interface Lowering {
  /** Whether nodes keep to the ops that every ONNX runtime has, and each of its providers; somewhat slower. */
  readonly standard: boolean;
  /** What matrix products are computed in. */
  readonly products: ProductPrecision;
  /** Whether a GPU runs it: what is written down once more costs little, large kernels cost much. */
  readonly gpu: boolean;
  /** Channels of a block in onnxruntime's own layout of images, on a CPU that it has kernels of; null elsewhere. */
  readonly block: number | null;
}

type Attributes = Readonly<Record<string, Attribute>>;

export class Emitter {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxInitializer[] = [];
  readonly lowering: Lowering;
  readonly #taken: Set<string>;
  readonly #constants = new Map<string, string>();
  readonly #results = new Map<string, readonly string[]>();
  /** What a reshaped value was at first. */
  readonly #originals = new Map<string, { readonly name: string; readonly shape: Shape }>();

  /** Names of feeds and outputs are not given to values in between. */
  constructor(taken: Iterable<string>, lowering: Lowering) {
    this.#taken = new Set(taken);
    this.lowering = lowering;
  }

  #fresh(stem: string): string {
    let name = `${stem}_${this.#taken.size}`;
    while (this.#taken.has(name)) name += "_";
    this.#taken.add(name);
    return name;
  }

  /** The result of a node, which is added unless an equal one (same type, inputs and attributes) is there. */
  node(
    type: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    domain: Domain = "",
  ): string {
    return this.nodeOf(1, type, inputs, attributes, domain)[0]!;
  }

  /** As `node`, for one with several results. */
  nodeOf(
    count: number,
    type: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    domain: Domain = "",
  ): readonly string[] {
    const key = JSON.stringify([count, type, domain, inputs, attributes]);
    const known = this.#results.get(key);
    if (known) return known;
    const outputs = Array.from({ length: count }, () => this.#fresh(type));
    this.nodes.push({ type, domain, inputs, outputs, attributes });
    this.#results.set(key, outputs);
    return outputs;
  }

  /** A value in another shape: several reshapes are one, or none where the last gives back the first shape. */
  reshape(input: string, from: Shape, to: Shape): string {
    const original = this.#originals.get(input) ?? { name: input, shape: from };
    if (sameShape(original.shape, to)) return original.name;
    const output = this.node("Reshape", [original.name, this.ints(to)]);
    this.#originals.set(output, original);
    return output;
  }

  /** A side of a product, in the type that products are computed in. */
  narrow(x: string): string {
    const { products } = this.lowering;
    return products === "float32"
      ? x
      : this.node("Cast", [x], { to: { int: DATA_TYPE[products] } });
  }
  /** The product of narrow sides, in float32. */
  product(
    type: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    domain: Domain = "",
  ): string {
    const result = this.node(type, inputs, attributes, domain);
    return this.lowering.products === "float32"
      ? result
      : this.node("Cast", [result], { to: { int: DATA_TYPE.float32 } });
  }

  /** A convolution of one of onnxruntime's ops, which know no bfloat16; in float32. */
  convolution(
    type: "Conv" | "ConvTranspose",
    inputs: readonly string[],
    attributes: Attributes,
  ): string {
    return this.lowering.products === "bfloat16"
      ? this.node(type, inputs, attributes)
      : this.product(
          type,
          inputs.map((x) => this.narrow(x)),
          attributes,
        );
  }

  /** Names a value that exists already. */
  identity(input: string, output: string): void {
    this.nodes.push({
      type: "Identity",
      domain: "",
      inputs: [input],
      outputs: [output],
      attributes: {},
    });
  }

  #constant(shape: Shape, data: Float32Array | BigInt64Array): string {
    const stem = data instanceof Float32Array ? "floats" : "ints";
    const key = `${stem} ${showShape(shape)} ${data.join(" ")}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.#fresh(stem);
    this.initializers.push({ name, shape, data });
    this.#constants.set(key, name);
    return name;
  }
  /** A float constant; equal ones are stored once. */
  floats(values: readonly number[], shape: Shape): string {
    return this.#constant(shape, Float32Array.from(values));
  }
  /** A vector of whole numbers: shapes, axes, positions. */
  ints(values: readonly number[]): string {
    return this.#constant([values.length], BigInt64Array.from(values, BigInt));
  }
}
