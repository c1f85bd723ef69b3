/** @file The default engine: a graph becomes one ONNX model, run by onnxruntime-node on the CPU. */
import type { Tensor as OrtTensor } from "onnxruntime-node";
import { type Node, type Shape, sameShape } from "../../graph/node.ts";
import { verify } from "../../graph/verify.ts";
import { EquiclipError, messageOf } from "../../run/errors.ts";
import type { Engine, Program, Tensor } from "../engine.ts";
import { hostEngine } from "../host.ts";
import { checkInto, checkedFeeds } from "../feeds.ts";
import { lower } from "./lower.ts";
import { writeModel } from "./writer.ts";

type Ort = typeof import("onnxruntime-node");

/** Loaded when first needed: commands that compute nothing start without it. */
async function loadRuntime(): Promise<Ort> {
  try {
    return await import("onnxruntime-node");
  } catch (error) {
    throw new EquiclipError(
      `onnx: cannot load onnxruntime-node for ${process.platform}-${process.arch}: ${messageOf(error)}; run npm ci`,
    );
  }
}

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

async function compile(
  outputs: Readonly<Record<string, Node>>,
  threads: number | undefined,
): Promise<Program> {
  const graph = verify(outputs);
  const ort = await loadRuntime();
  const model = lower(graph, outputs);
  const session = await ort.InferenceSession.create(writeModel(model), {
    // `extended` would fuse the transposes of weight gradients back into products, which is slower
    graphOptimizationLevel: "basic",
    logSeverityLevel: 3,
    // idle threads sleep: spinning gains up to a tenth on a quiet machine, but beside image decoding or any other job
    // it takes their cores and a step takes two to three times as long (measured)
    extra: { session: { intra_op: { allow_spinning: "0" } } },
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
  });
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
      const got = await session
        .run(wrapped, Object.fromEntries(fetches))
        .catch((error: unknown) => {
          const reason = messageOf(error).replaceAll(/\s+/g, " ");
          throw new EquiclipError(`onnx: the run failed: ${reason}`, undefined, { cause: error });
        });
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

/**
 * onnxruntime-node on the CPU, float32. `threads`: of one operation, one per physical core by default. Weights are
 * inputs of the model, so that training changes them in place between runs.
 */
export const onnxEngine = ({ threads }: { readonly threads?: number } = {}): Engine =>
  hostEngine("onnx-cpu", "float32", (outputs) => compile(outputs, threads));
