/** @file A graph as one session that reads and writes host buffers in place. */
import type { Tensor as OrtTensor } from "onnxruntime-node";
import { type Node, type Shape, sameShape, sizeOf } from "../../graph/node.ts";
import { verify } from "../../graph/verify.ts";
import type { Program, Tensor } from "../engine.ts";
import { checkInto, checkedFeeds } from "../feeds.ts";
import type { Lowering } from "./emitter.ts";
import { lower } from "./lower.ts";
import {
  type Ort,
  type SessionOptions,
  hostTensor,
  loadRuntime,
  openSession,
  runInto,
  withoutCopies,
} from "./session.ts";

/** Wraps host buffers for the runtime; the same buffer with the same shape is wrapped once. */
function tensorCache(ort: Ort): (tensor: Tensor) => OrtTensor {
  const known = new WeakMap<Tensor["data"], { shape: Shape; tensor: OrtTensor }>();
  return ({ data, shape }) => {
    const found = known.get(data);
    if (found && sameShape(found.shape, shape)) return found.tensor;
    const tensor = hostTensor(ort, { data, shape });
    // a converted copy would go stale when its source changes
    if (!(data instanceof Float64Array)) known.set(data, { shape, tensor });
    return tensor;
  };
}

/** A tensor that a result is written to: the one given, or a new one where none is, or of float64. */
function writable(target: Tensor | undefined, { dtype, shape }: Node): Tensor {
  if (target && !(target.data instanceof Float64Array)) return target;
  const length = sizeOf(shape);
  return { shape, data: dtype === "int" ? new Int32Array(length) : new Float32Array(length) };
}

/** A program that is fed everything. @param options of the session: provider, threads. */
export async function hostProgram(
  outputs: Readonly<Record<string, Node>>,
  lowering: Lowering,
  options: SessionOptions,
): Promise<Program> {
  const graph = verify(outputs);
  const ort = await loadRuntime();
  const model = lower(graph, outputs, lowering);
  const session = await openSession(ort, withoutCopies(model), options);
  const wrap = tensorCache(ort);
  const results = Object.entries(outputs).map(([name, node], i) => ({
    name,
    node,
    as: model.outputs[i]!.name,
  }));
  return {
    run: async (feeds, into = {}) => {
      const fed = checkedFeeds(graph, feeds);
      checkInto(outputs, into, fed);
      const written = results.map(({ name, node, as }) => ({
        name,
        as,
        tensor: writable(into[name], node),
      }));
      await runInto(
        session,
        Object.fromEntries(fed.map(([name, tensor]) => [name, wrap(tensor)])),
        Object.fromEntries(written.map(({ as, tensor }) => [as, wrap(tensor)])),
      );
      return Object.fromEntries(
        written.map(({ name, tensor }): [string, Tensor] => {
          const target = into[name] ?? tensor;
          if (target.data !== tensor.data) target.data.set(tensor.data);
          return [name, target];
        }),
      );
    },
    dispose: () => session.release(),
  };
}
