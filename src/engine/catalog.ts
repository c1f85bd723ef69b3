/** @file The engines by name: what each is, what it needs of a machine, how it is opened. */
import type { EngineName } from "../run/config/engine.ts";
import type { Engine, Precision } from "./engine.ts";
import { onnxEngine } from "./onnx/engine.ts";
import { reference } from "./reference.ts";

export interface EngineOptions {
  /** Of one operation on the CPU; one per physical core by default. */
  readonly threads?: number | undefined;
  /** Of matrix products; float32 by default. */
  readonly precision?: Precision | undefined;
}

/** Why an engine cannot run here. */
export interface Missing {
  readonly reason: string;
  /** The command that mends it, or null where none does. */
  readonly install: string | null;
}

export interface Candidate {
  /** What it is, in a few words. */
  readonly about: string;
  /** What this machine lacks, or null when it can run. Never throws. */
  readonly missing: () => Promise<Missing | null>;
  /** Throws UsageError with what is missing. */
  readonly open: (options: EngineOptions) => Promise<Engine>;
}

const ENGINES: { readonly [E in EngineName]: Candidate } = {
  "onnx-cpu": {
    about: "onnxruntime on the CPU",
    missing: async () => null,
    open: async ({ threads }) => onnxEngine(threads === undefined ? {} : { threads }),
  },
  reference: {
    about: "the float64 interpreter that the others are tested against; slow",
    missing: async () => null,
    open: async () => reference,
  },
};

/** The engine of a name; `auto` is the fastest that this machine has. */
export const openEngine = (name: EngineName | "auto", options: EngineOptions): Promise<Engine> =>
  ENGINES[name === "auto" ? "onnx-cpu" : name].open(options);
