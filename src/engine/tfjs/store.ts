/** @file Named tensors of a TensorFlow.js backend, which live from run to run. */
import type { Tensor as TfTensor } from "@tensorflow/tfjs-core";
import type { Shape } from "../../graph/node.ts";
import { EquiclipError } from "../../run/errors.ts";
import type { Store, Tensor, Tensors } from "../engine.ts";
import { checkWritten, shapesOf } from "../host.ts";
import type { Backend } from "./backend.ts";

/** A tensor of the backend, which may read the very memory of `data` until it is disposed. */
export function toTf({ tf }: Backend, { shape, data }: Tensor): TfTensor {
  const dtype = data instanceof Int32Array ? "int32" : "float32";
  const values = data instanceof Float64Array ? Float32Array.from(data) : data;
  return tf.engine().makeTensor(values, [...shape], dtype);
}
/** The values of a tensor, which may be the backend's own memory. */
export const valuesOf = (tensor: TfTensor): Float32Array | Int32Array =>
  tensor.dataSync<"float32" | "int32">();

export class TfjsStore implements Store {
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly #backend: Backend;
  readonly #tensors = new Map<string, TfTensor>();

  constructor(backend: Backend, tensors: Tensors) {
    this.#backend = backend;
    this.shapes = shapesOf(tensors);
    backend.activate();
    for (const [name, tensor] of Object.entries(tensors)) this.put(name, toTf(backend, tensor));
  }

  /** Throws EquiclipError when it went with a run that failed. */
  get(name: string): TfTensor {
    const tensor = this.#tensors.get(name)!;
    if (tensor.isDisposed)
      throw new EquiclipError(
        `store: "${name}" was lost in a run that failed; go on from the last checkpoint`,
      );
    return tensor;
  }
  /** Takes a tensor in place of the one before, which is freed. */
  put(name: string, tensor: TfTensor): void {
    this.#tensors.get(name)?.dispose();
    this.#tensors.set(name, this.#backend.tf.keep(tensor));
  }

  async read(names: Iterable<string>): Promise<Record<string, Tensor>> {
    this.#backend.activate();
    const tensors = Array.from(names, (name): [string, Tensor] => [
      name,
      { shape: this.shapes.get(name)!, data: valuesOf(this.get(name)).slice() },
    ]);
    return Object.fromEntries(tensors);
  }
  async write(tensors: Tensors): Promise<void> {
    checkWritten(this.shapes, tensors);
    this.#backend.activate();
    for (const [name, { shape, data }] of Object.entries(tensors))
      this.put(name, toTf(this.#backend, { shape, data: data.slice() }));
  }
  async dispose(): Promise<void> {
    this.#backend.activate();
    for (const tensor of this.#tensors.values()) tensor.dispose();
  }
}
