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
   * buffers in place (a buffer must not be a feed of the same run). What is not fed is taken from the store that the
   * program was compiled with; results of a name that the store has replace its value when the run is over, and are not
   * returned.
   * Throws EquiclipError when a feed is missing or has another shape.
   */
  run(feeds: Tensors, into?: Tensors): Promise<Record<string, Tensor>>;
  dispose(): Promise<void>;
}

/** Named tensors that stay where the engine computes, from run to run and from program to program. */
export interface Store {
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Copies of those named, on the host. */
  read(names: Iterable<string>): Promise<Record<string, Tensor>>;
  /** Replaces values. Throws EquiclipError for a name or shape that the store does not have. */
  write(tensors: Tensors): Promise<void>;
  dispose(): Promise<void>;
}

/** What matrix products are computed in; everything else, weights among it, is float32 (float64 in the reference). */
export type Precision = "float64" | "float32" | "float16" | "bfloat16";

export interface Engine {
  readonly name: string;
  /** Where tensors lie between runs. `host`: a store is the very buffers it was made of, and copies nothing. */
  readonly memory: "host" | "device";
  readonly precision: Precision;
  /** Of one operation on the CPU, where it was told how many: with another number sums are split otherwise. */
  readonly threads?: number | undefined;
  /** @param store that feeds are taken from and results go to; it outlives the program. */
  compile(outputs: Readonly<Record<string, Node>>, store?: Store): Promise<Program>;
  /** Takes the tensors over: from now on they are read and written through the store. */
  store(tensors: Tensors): Promise<Store>;
}

/** Why an engine cannot run here. */
export interface Missing {
  readonly reason: string;
  /** The command that mends it, or null where none does. */
  readonly install: string | null;
}
