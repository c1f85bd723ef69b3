/** @file onnxruntime-node on a GPU through WebGPU: stores are buffers on the device. */
import type { Tensor as OrtTensor } from "onnxruntime-node";
import { type DType, type Node, type Shape } from "../../graph/node.ts";
import { verify } from "../../graph/verify.ts";
import type { ProductPrecision } from "../../run/config/engine.ts";
import type { Engine, Program, Store, Tensor, Tensors } from "../engine.ts";
import { checkInto, checkedFeeds } from "../feeds.ts";
import { checkWritten, shapesOf } from "../host.ts";
import { lower } from "./lower.ts";
import {
  type Ort,
  type Session,
  type SessionOptions,
  hostTensor,
  loadRuntime,
  openSession,
  runSession,
} from "./session.ts";
import type { OnnxModel } from "./writer.ts";

const PROVIDER: SessionOptions = {
  executionProviders: ["webgpu"],
  graphOptimizationLevel: "basic",
  // every op has a form that runs on the GPU: one that does not is a bug, not a copy to the host and back in each step
  extra: { session: { disable_cpu_ep_fallback: "1" } },
};

const onnxType = (dtype: DType): "int32" | "float32" => (dtype === "int" ? "int32" : "float32");
const dtypeOn = ({ type }: OrtTensor): DType => (type === "int32" ? "int" : "float");
const dtypeOf = ({ data }: Tensor): DType => (data instanceof Int32Array ? "int" : "float");

/** Copies one tensor: the runtime itself offers no way to put a host tensor on the device, or to read one back. */
const copyModel = (dtype: DType, rank: number): OnnxModel => {
  const shape = Array.from({ length: rank }, (_v, axis) => `d${axis}`);
  const value = (name: string): OnnxModel["inputs"][number] => ({
    name,
    type: onnxType(dtype),
    shape,
  });
  return {
    inputs: [value("x")],
    outputs: [value("y")],
    initializers: [],
    nodes: [{ type: "Identity", domain: "", inputs: ["x"], outputs: ["y"], attributes: {} }],
  };
};

/**
 * Copies tensors to, from and on the device. Its sessions are never released: the device lives as long as one does, and
 * a tensor must be disposed of before the session that made it is released, else the process crashes.
 */
class Bridge {
  readonly #ort: Ort;
  readonly #sessions = new Map<string, Promise<Session>>();
  constructor(ort: Ort) {
    this.#ort = ort;
  }

  async #copy(
    to: "cpu" | "gpu-buffer",
    dtype: DType,
    shape: Shape,
    x: OrtTensor,
  ): Promise<OrtTensor> {
    const key = `${to} ${dtype} ${shape.length}`;
    const session =
      this.#sessions.get(key) ??
      openSession(this.#ort, copyModel(dtype, shape.length), {
        ...PROVIDER,
        preferredOutputLocation: to,
      });
    this.#sessions.set(key, session);
    return (await runSession(await session, { x }, { y: null }))["y"]!;
  }

  upload = (tensor: Tensor): Promise<OrtTensor> =>
    this.#copy("gpu-buffer", dtypeOf(tensor), tensor.shape, hostTensor(this.#ort, tensor));

  async download(x: OrtTensor): Promise<Tensor> {
    const { data, dims } = await this.#copy("cpu", dtypeOn(x), x.dims, x);
    return { shape: dims, data: data as Float32Array | Int32Array };
  }

  /** A copy that outlives the session that made `x`. */
  keep = (x: OrtTensor): Promise<OrtTensor> => this.#copy("gpu-buffer", dtypeOn(x), x.dims, x);
}

/** Tensors on the device by name. */
class DeviceStore implements Store {
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly tensors = new Map<string, OrtTensor>();
  readonly #bridge: Bridge;
  constructor(bridge: Bridge, shapes: ReadonlyMap<string, Shape>) {
    this.#bridge = bridge;
    this.shapes = shapes;
  }

  /** Takes over a tensor of the device. */
  replace(name: string, tensor: OrtTensor): void {
    this.tensors.get(name)?.dispose();
    this.tensors.set(name, tensor);
  }

  /** Copies those of `made` that it still has: the session that made them is about to be released. */
  async keep(made: ReadonlyMap<string, OrtTensor>): Promise<void> {
    for (const [name, tensor] of made)
      if (this.tensors.get(name) === tensor) this.replace(name, await this.#bridge.keep(tensor));
  }

  async fill(tensors: Tensors): Promise<void> {
    for (const [name, tensor] of Object.entries(tensors))
      this.replace(name, await this.#bridge.upload(tensor));
  }

  async read(names: Iterable<string>): Promise<Record<string, Tensor>> {
    const found: Record<string, Tensor> = {};
    for (const name of names) found[name] = await this.#bridge.download(this.tensors.get(name)!);
    return found;
  }

  async write(tensors: Tensors): Promise<void> {
    checkWritten(this.shapes, tensors);
    await this.fill(tensors);
  }

  async dispose(): Promise<void> {
    for (const tensor of this.tensors.values()) tensor.dispose();
    this.tensors.clear();
  }
}

async function compile(
  ort: Ort,
  outputs: Readonly<Record<string, Node>>,
  precision: ProductPrecision,
  store: DeviceStore | undefined,
): Promise<Program> {
  const graph = verify(outputs);
  const model = lower(graph, outputs, {
    standard: true,
    products: precision,
    gpu: true,
    block: null,
  });
  const results = Object.keys(outputs).map((name, i) => ({
    name,
    as: model.outputs[i]!.name,
    kept: store?.shapes.has(name) ?? false,
  }));
  const session = await openSession(ort, model, {
    ...PROVIDER,
    preferredOutputLocation: Object.fromEntries(
      results.map(({ as, kept }) => [as, kept ? "gpu-buffer" : "cpu"]),
    ),
  });
  const made = new Map<string, OrtTensor>();
  const fetches = Object.fromEntries(results.map(({ as }) => [as, null]));
  return {
    run: async (feeds, into = {}) => {
      const fed = checkedFeeds(graph, feeds, store?.shapes);
      checkInto(outputs, into, fed);
      const given: Record<string, OrtTensor> = {};
      for (const name of graph.feeds.keys()) {
        const held = store?.tensors.get(name);
        if (held) given[name] = held;
      }
      for (const [name, tensor] of fed) given[name] = hostTensor(ort, tensor);
      const got = await runSession(session, given, fetches);
      const returned: Record<string, Tensor> = {};
      for (const { name, as, kept } of results) {
        const result = got[as]!;
        if (kept) {
          store!.replace(name, result);
          made.set(name, result);
          continue;
        }
        const data = result.data as Float32Array | Int32Array;
        const target = into[name];
        target?.data.set(data);
        returned[name] = target ?? { shape: result.dims, data };
      }
      return returned;
    },
    dispose: async () => {
      await store?.keep(made);
      await session.release();
    },
  };
}

/**
 * onnxruntime-node on the GPU that WebGPU finds. What a store holds stays there.
 * @param precision of matrix products; float16 needs an adapter with shader-f16, bfloat16 no adapter has
 */
export async function webgpuEngine(precision: ProductPrecision = "float32"): Promise<Engine> {
  const ort = await loadRuntime();
  const bridge = new Bridge(ort);
  const stores = new WeakMap<Store, DeviceStore>();
  return {
    name: "onnx-webgpu",
    memory: "device",
    precision,
    compile: async (outputs, store) => {
      const own = store && stores.get(store);
      if (store && !own) throw new Error("onnx-webgpu: the store is of another engine");
      return compile(ort, outputs, precision, own);
    },
    store: async (tensors) => {
      const store = new DeviceStore(bridge, shapesOf(tensors));
      await store.fill(tensors);
      stores.set(store, store);
      return store;
    },
  };
}
