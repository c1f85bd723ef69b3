/** @file The engine on TensorFlow.js: a graph becomes a list of kernels, run by one of its backends. */
import { type Node, type Shape, sameShape, showShape } from "../../graph/node.ts";
import { verify } from "../../graph/verify.ts";
import { EquiclipError } from "../../run/errors.ts";
import type { Engine, Program, Store } from "../engine.ts";
import { type Backend, openBackend } from "./backend.ts";
import { lower } from "./lower.ts";
import { KINDS, type TfjsName, type TfjsOptions } from "./packages.ts";
import { createProgram } from "./program.ts";
import { TfjsStore } from "./store.ts";

async function compile(
  backend: Backend,
  outputs: Readonly<Record<string, Node>>,
  store: TfjsStore | null,
): Promise<Program> {
  const graph = verify(outputs);
  const shapes: ReadonlyMap<string, Shape> = store?.shapes ?? new Map();
  for (const [name, node] of [...graph.feeds, ...Object.entries(outputs)]) {
    const kept = shapes.get(name);
    if (kept && !sameShape(kept, node.shape))
      throw new EquiclipError(
        `${backend.name}: "${name}" is ${showShape(node.shape)} in the graph and ${showShape(kept)} in the store`,
      );
  }
  const plan = lower(graph, outputs, shapes, KINDS[backend.name].own);
  return createProgram(backend, graph, outputs, plan, store);
}

/**
 * TensorFlow.js on one of its backends, float32. Tensors stay with the backend: on the GPU, or in its memory.
 * @throws {UsageError} with what this machine lacks, and the command that installs it
 */
export async function tfjsEngine(name: TfjsName, options: TfjsOptions = {}): Promise<Engine> {
  const backend = await openBackend(name, options);
  const stores = new WeakMap<Store, TfjsStore>();
  return {
    name,
    memory: "device",
    precision: "float32",
    threads: options.threads,
    compile: async (outputs, store) => {
      const own = store ? stores.get(store) : null;
      if (own === undefined) throw new Error(`${name}: the store is of another engine`);
      return compile(backend, outputs, own);
    },
    store: async (tensors) => {
      const store = new TfjsStore(backend, tensors);
      stores.set(store, store);
      return store;
    },
  };
}
