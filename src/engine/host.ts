/** @file Engines that compute in the host's memory: their stores are the buffers themselves. */
import { type Node, type Shape, sameShape, showShape } from "../graph/node.ts";
import { EquiclipError } from "../run/errors.ts";
import type { Engine, Precision, Program, Store, Tensor, Tensors } from "./engine.ts";

/** Throws EquiclipError unless the store has every name, with that shape. */
export function checkWritten(shapes: ReadonlyMap<string, Shape>, tensors: Tensors): void {
  for (const [name, { shape }] of Object.entries(tensors)) {
    const want = shapes.get(name);
    if (!want)
      throw new EquiclipError(
        `store: no tensor "${name}" to write; it has ${[...shapes.keys()].join(", ") || "none"}`,
      );
    if (!sameShape(want, shape))
      throw new EquiclipError(
        `store: "${name}": expected ${showShape(want)}, received ${showShape(shape)}`,
      );
  }
}

export const shapesOf = (tensors: Tensors): Map<string, Shape> =>
  new Map(Object.entries(tensors).map(([name, { shape }]) => [name, shape]));

interface HostStore extends Store {
  readonly tensors: Tensors;
}

function hostStore(tensors: Tensors): HostStore {
  const shapes = shapesOf(tensors);
  return {
    tensors,
    shapes,
    read: async (names) =>
      Object.fromEntries(
        Array.from(names, (name): [string, Tensor] => {
          const { shape, data } = tensors[name]!;
          return [name, { shape, data: data.slice() }];
        }),
      ),
    write: async (values) => {
      checkWritten(shapes, values);
      for (const [name, { data }] of Object.entries(values))
        if (tensors[name]!.data !== data) tensors[name]!.data.set(data);
    },
    dispose: async () => {},
  };
}

/** `program` with feeds from the store, and results of its names in it. */
const withStore = (program: Program, { tensors }: HostStore): Program => ({
  ...program,
  run: async (feeds, into) => {
    const results = await program.run({ ...tensors, ...feeds }, into);
    for (const [name, { data }] of Object.entries(results)) {
      const kept = tensors[name];
      if (!kept) continue;
      kept.data.set(data);
      delete results[name];
    }
    return results;
  },
});

/** An engine that computes in the host's memory. @param compile makes a program that is fed everything. */
export function hostEngine(
  name: string,
  precision: Precision,
  compile: (outputs: Readonly<Record<string, Node>>) => Promise<Program>,
  threads?: number,
): Engine {
  const stores = new WeakMap<Store, HostStore>();
  return {
    name,
    memory: "host",
    precision,
    threads,
    compile: async (outputs, store) => {
      const program = await compile(outputs);
      if (!store) return program;
      const own = stores.get(store);
      if (!own) throw new Error(`${name}: the store is of another engine`);
      return withStore(program, own);
    },
    store: async (tensors) => {
      const store = hostStore(tensors);
      stores.set(store, store);
      return store;
    },
  };
}
