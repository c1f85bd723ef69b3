/** @file The engines by name: what each is, what it needs of a machine, how it is opened. */
import type { EngineName } from "../run/config/engine.ts";
import { UsageError } from "../run/errors.ts";
import type { Engine, Missing, Precision } from "./engine.ts";
import { onnxEngine } from "./onnx/engine.ts";
import { reference } from "./reference.ts";
import { type TfjsName, missingOf } from "./tfjs/packages.ts";
import { tfjsEngine } from "./tfjs/engine.ts";

export interface EngineOptions {
  /** Of one operation on the CPU; one per physical core by default. */
  readonly threads?: number | undefined;
  /** Of matrix products; float32 by default. */
  readonly precision?: Precision | undefined;
}

export interface Candidate {
  /** What it is, in a few words. */
  readonly about: string;
  /** What this machine lacks, or null when it can run. Never throws. */
  readonly missing: () => Promise<Missing | null>;
  /** Only called when nothing is missing. */
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
    open: async ({ threads }) => onnxEngine(threads === undefined ? {} : { threads }),
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

/** What `auto` tries, the fastest in training first. The last of them runs everywhere. */
const AUTO = ["onnx-cpu"] as const satisfies readonly EngineName[];

export interface Choice {
  readonly name: EngineName;
  /** In a few words, to be said. */
  readonly why: string;
}

/** The engine that `auto` stands for on this machine. */
export async function chooseEngine(): Promise<Choice> {
  const lacking: string[] = [];
  for (const name of AUTO) {
    const missing = await ENGINES[name].missing();
    if (missing === null) {
      const why = lacking.length === 0 ? "the fastest there is" : lacking.join("; ");
      return { name, why };
    }
    lacking.push(`${name}: ${missing.reason}`);
  }
  throw new UsageError(`no engine can run here: ${lacking.join("; ")}; equiclip doctor says more`);
}

/** The engine of a name. Throws UsageError with what it lacks here. */
export async function openEngine(name: EngineName, options: EngineOptions): Promise<Engine> {
  const missing = await ENGINES[name].missing();
  if (missing)
    throw new UsageError(
      `engine: ${name} cannot run here: ${missing.reason}; ${missing.install === null ? "" : `install it with ${missing.install}, `}or set engine to auto`,
    );
  return ENGINES[name].open(options);
}
