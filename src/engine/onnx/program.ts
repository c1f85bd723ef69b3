/** @file A graph as one session that reads and writes host buffers in place. */
import type { Tensor as OrtTensor } from "onnxruntime-node";
import { type Node, type Shape, sameShape } from "../../graph/node.ts";
import { verify } from "../../graph/verify.ts";
import type { Program, Tensor } from "../engine.ts";
import { checkInto, checkedFeeds } from "../feeds.ts";
import { lower } from "./lower.ts";
import { type Ort, type SessionOptions, loadRuntime, openSession, runSession } from "./session.ts";

/** Wraps host buffers for the runtime; the same buffer with the same shape is wrapped once. */
function tensorCache(ort: Ort): (tensor: Tensor) => OrtTensor {
  const known = new WeakMap<Tensor["data"], { shape: Shape; tensor: OrtTensor }>();
  return ({ data, shape }) => {
    const found = known.get(data);
    if (found && sameShape(found.shape, shape)) return found.tensor;
    const tensor =
      data instanceof Int32Array
        ? new ort.Tensor("int32", data, shape)
        : new ort.Tensor(
            "float32",
            data instanceof Float32Array ? data : Float32Array.from(data),
            shape,
          );
    // a converted copy would go stale when its source changes
    if (!(data instanceof Float64Array)) known.set(data, { shape, tensor });
    return tensor;
  };
}

/** A program that is fed everything. @param options of the session: provider, threads. */
export async function hostProgram(
  outputs: Readonly<Record<string, Node>>,
  options: SessionOptions,
): Promise<Program> {
  const graph = verify(outputs);
  const ort = await loadRuntime();
  const model = lower(graph, outputs);
  const session = await openSession(ort, model, options);
  const wrap = tensorCache(ort);
  const results = Object.keys(outputs).map((name, i) => ({ name, as: model.outputs[i]!.name }));
  return {
    run: async (feeds, into = {}) => {
      const fed = checkedFeeds(graph, feeds);
      checkInto(outputs, into, fed);
      const fetches = results.map(({ name, as }): [string, OrtTensor | null] => {
        const target = into[name];
        return [as, target?.data instanceof Float32Array ? wrap(target) : null];
      });
      const wrapped = Object.fromEntries(fed.map(([name, tensor]) => [name, wrap(tensor)]));
      const got = await runSession(session, wrapped, Object.fromEntries(fetches));
      const tensors = results.map(({ name, as }): [string, Tensor] => {
        const { data, dims } = got[as]!;
        const result = data as Float32Array | Int32Array;
        const target = into[name];
        if (!target) return [name, { shape: dims, data: result }];
        if (!(target.data instanceof Float32Array)) target.data.set(result);
        return [name, target];
      });
      return Object.fromEntries(tensors);
    },
    dispose: () => session.release(),
  };
}
