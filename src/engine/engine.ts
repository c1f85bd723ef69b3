/** @file What an engine must do. The suite in test/engine.suite.ts is its definition. */
import type { Node, Shape } from "../graph/node.ts";

/** A dense row-major tensor on the host. Indices are Int32Array; the reference engine computes in Float64Array. */
export interface Tensor {
  readonly shape: Shape;
  readonly data: Float32Array | Float64Array | Int32Array;
}
export type Tensors = Readonly<Record<string, Tensor>>;

/** A graph made ready to run: feeds are the graph's inputs and params by name. */
export interface Program {
  /**
   * Runs once. Results come under the names they were compiled with; those named in `into` are written to the given
   * buffers in place (a buffer must not be a feed of the same run).
   * Throws EquiclipError when a feed is missing or has another shape.
   */
  run(feeds: Tensors, into?: Tensors): Promise<Record<string, Tensor>>;
  dispose(): Promise<void>;
}

export interface Engine {
  readonly name: string;
  compile(outputs: Readonly<Record<string, Node>>): Promise<Program>;
}
