/** @file The engines by name: what each is, what it needs of a machine, how it is opened. */
import { type EngineName, PRECISIONS, type ProductPrecision } from "../run/config/engine.ts";
import { UsageError, messageOf } from "../run/errors.ts";
import type { Engine, Missing } from "./engine.ts";
import { adapter } from "./onnx/adapter.ts";
import { cudaEngine, cudaMissing } from "./onnx/cuda.ts";
import { onnxEngine } from "./onnx/engine.ts";
import { webgpuEngine } from "./onnx/webgpu.ts";
import { reference } from "./reference.ts";
import { type TfjsName, missingOf } from "./tfjs/packages.ts";
import { tfjsEngine } from "./tfjs/engine.ts";

export interface EngineOptions {
  /** Of one operation on the CPU; one per physical core by default. */
  readonly threads?: number | undefined;
  /** Of matrix products; float32 by default. */
  readonly precision?: ProductPrecision | undefined;
}

export interface Candidate {
  /** What it is, in a few words. */
  readonly about: string;
  /** What this machine lacks, or null when it can run. Never throws. */
  readonly missing: () => Promise<Missing | null>;
  /** What to know of it on this machine, or null. Only called when nothing is missing. */
  readonly note?: () => Promise<string | null>;
  /** What its products can be computed in on this machine; float32 alone where this is left out. */
  readonly precisions?: () => Promise<readonly ProductPrecision[]>;
  /** Only called when nothing is missing, with a precision that it has. */
  readonly open: (options: EngineOptions) => Promise<Engine>;
}

const tfjs = (name: TfjsName, about: string): Candidate => ({
  about,
  missing: async () => missingOf(name),
  open: ({ threads }) => tfjsEngine(name, { threads }),
});

export const ENGINES: { readonly [E in EngineName]: Candidate } = {
  "onnx-cpu": {
    about: "onnxruntime on the CPU",
    missing: async () => null,
    // float16 is there to test the lowering: a processor is slower with it
    precisions: async () => ["float32", "float16"],
    open: async ({ threads, precision }) => onnxEngine({ threads, precision }),
  },
  "onnx-webgpu": {
    about: "onnxruntime on any GPU, through Vulkan, Metal or Direct3D",
    missing: async () => (await adapter()).missing,
    note: async () => {
      const { software } = await adapter();
      return software === null ? null : `${software} computes on the CPU`;
    },
    precisions: async () => ((await adapter()).float16 ? ["float32", "float16"] : ["float32"]),
    open: async ({ precision }) => webgpuEngine(precision),
  },
  "onnx-cuda": {
    about:
      "onnxruntime on an NVIDIA GPU: to embed and evaluate; training copies the weights in every step",
    missing: cudaMissing,
    note: async () => "not for training: losses differed by 2e-3 from run to run on an H100",
    precisions: async () => PRECISIONS,
    open: async ({ precision }) => cudaEngine(precision),
  },
  "tfjs-node-gpu": tfjs("tfjs-node-gpu", "TensorFlow on an NVIDIA GPU"),
  "tfjs-node": tfjs("tfjs-node", "TensorFlow on the CPU"),
  "tfjs-wasm": tfjs("tfjs-wasm", "TensorFlow.js in WebAssembly: one thread, runs everywhere"),
  "tfjs-cpu": tfjs("tfjs-cpu", "TensorFlow.js in plain JavaScript, to test the others; slow"),
  reference: {
    about: "the float64 interpreter that the others are tested against; slow",
    missing: async () => null,
    open: async () => reference,
  },
};

/**
 * What `auto` tries, the fastest in training first. The last of them runs everywhere. Not WebGPU, which onnxruntime calls
 * experimental and which comes along unasked: whoever wants it names it.
 */
const AUTO = ["tfjs-node-gpu", "onnx-cpu"] as const satisfies readonly EngineName[];

export interface Choice {
  readonly name: EngineName;
  /** In a few words, to be said. */
  readonly why: string;
}

/** Why an engine cannot be opened here, or null: a GPU may be there and its libraries not. */
async function obstacle(name: EngineName): Promise<string | null> {
  const { missing: look, open } = ENGINES[name];
  const missing = await look();
  if (missing) return missing.reason;
  return open({}).then(
    () => null,
    (error: unknown) => messageOf(error),
  );
}

/** The engine that `auto` stands for on this machine. */
export async function chooseEngine(): Promise<Choice> {
  const lacking: string[] = [];
  for (const name of AUTO) {
    const reason = await obstacle(name);
    if (reason === null)
      return { name, why: lacking.length === 0 ? "the fastest there is" : lacking.join("; ") };
    lacking.push(`${name}: ${reason}`);
  }
  throw new UsageError(`no engine can run here: ${lacking.join("; ")}; equiclip doctor says more`);
}

/** What an engine that runs here can compute its products in. */
export const precisionsOf = async (name: EngineName): Promise<readonly ProductPrecision[]> =>
  (await ENGINES[name].precisions?.()) ?? ["float32"];

/** The engine of a name. Throws UsageError with what it lacks here. */
export async function openEngine(name: EngineName, options: EngineOptions): Promise<Engine> {
  const { missing: look, open } = ENGINES[name];
  const missing = await look();
  if (missing)
    throw new UsageError(
      `engine: ${name} cannot run here: ${missing.reason}; ${missing.install === null ? "" : `install it with ${missing.install}, `}or set engine to auto`,
    );
  const { precision = "float32" } = options;
  const has = await precisionsOf(name);
  if (!has.includes(precision))
    throw new UsageError(
      `precision: ${name} computes in ${has.join(" or ")} here, not in ${precision}; set precision to float32, or engine to one that has it`,
    );
  return open({ ...options, precision });
}
