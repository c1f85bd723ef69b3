/** @file The packages of TensorFlow.js: which an engine needs, where they are found, what they lack here. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { messageOf } from "../../run/errors.ts";
import type { Missing } from "../engine.ts";

const VERSION = "4.22.0";
const CORE = "@tensorflow/tfjs-core";

/** Kernels that not every backend has, or has right: elsewhere others stand in for them. */
export type OwnKernel = "MaxPoolGrad";

interface Kind {
  /** The first of them has all of tfjs-core. */
  readonly packages: readonly [string, ...string[]];
  /** What TensorFlow.js calls the backend. */
  readonly backend: "cpu" | "wasm" | "tensorflow";
  /** Whether it is a native addon around TensorFlow. */
  readonly native: boolean;
  readonly own: readonly OwnKernel[];
}
const NATIVE = { backend: "tensorflow", native: true, own: ["MaxPoolGrad"] } as const;
export const KINDS = {
  "tfjs-cpu": {
    packages: [CORE, "@tensorflow/tfjs-backend-cpu"],
    backend: "cpu",
    native: false,
    own: ["MaxPoolGrad"],
  },
  "tfjs-wasm": {
    packages: [CORE, "@tensorflow/tfjs-backend-wasm"],
    backend: "wasm",
    native: false,
    own: [], // its MaxPoolGrad takes the last of equal values, and none below 0
  },
  "tfjs-node": { packages: ["@tensorflow/tfjs-node"], ...NATIVE },
  "tfjs-node-gpu": { packages: ["@tensorflow/tfjs-node-gpu"], ...NATIVE },
} as const satisfies Readonly<Record<string, Kind>>;
export type TfjsName = keyof typeof KINDS;

export interface TfjsOptions {
  /** Of one operation of native TensorFlow on the CPU; one per core by default. */
  readonly threads?: number | undefined;
  /** The folder whose node_modules are looked into first, by default the current one. */
  readonly from?: string | undefined;
}

type Require = ReturnType<typeof createRequire>;
const finds = (require: Require, name: string): boolean => {
  try {
    require.resolve(`${name}/package.json`);
    return true;
  } catch {
    return false;
  }
};

/**
 * Loads modules from where an engine's packages are, or null where they are not.
 * @param from the folder whose node_modules are looked into first; then those beside this package
 */
export function findPackages(name: TfjsName, from: string): Require | null {
  const places = [createRequire(join(from, "package.json")), createRequire(import.meta.url)];
  return places.find((place) => KINDS[name].packages.every((one) => finds(place, one))) ?? null;
}

/**
 * Why a native TensorFlow.js of a version does not run on a version of Node, or null: up to 4.22 it calls
 * `util.isNullOrUndefined`, which Node 23 removed (tensorflow/tfjs#8425 is merged, but not released).
 */
export function brokenOn(version: string, node: string): string | null {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const old = major < 4 || (major === 4 && minor <= 22);
  return old && Number.parseInt(node, 10) >= 23
    ? `TensorFlow.js ${version} cannot run on Node ${node}: it calls util.isNullOrUndefined, which Node 23 removed; run equiclip with Node 20 or 22`
    : null;
}

/** What a native package lacks: a Node that it can run on, its compiled part, a GPU. */
function missingOfNative(name: TfjsName, packageName: string, require: Require): Missing | null {
  const manifest = require.resolve(`${packageName}/package.json`);
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  const reason = brokenOn(version, process.versions.node);
  if (reason !== null) return { reason, install: null };
  if (!existsSync(join(dirname(manifest), "lib", "napi-v8", "tfjs_binding.node")))
    return {
      reason: `${packageName} lacks its native part: its install script did not run`,
      install: `npm rebuild ${packageName} --ignore-scripts=false`,
    };
  const needsDriver = name === "tfjs-node-gpu" && process.platform === "linux";
  return needsDriver && !existsSync("/proc/driver/nvidia/version")
    ? { reason: "no NVIDIA driver is loaded on this machine", install: null }
    : null;
}

/** What this machine lacks to run an engine, or null. Loads nothing, never throws. @param from as in `findPackages`. */
export function missingOf(name: TfjsName, from = process.cwd()): Missing | null {
  const { packages, native } = KINDS[name];
  const require = findPackages(name, from);
  if (!require)
    return {
      reason: `${packages.join(" and ")} ${packages.length > 1 ? "are" : "is"} not installed`,
      install: `npm install ${packages.map((one) => `${one}@${VERSION}`).join(" ")}`,
    };
  try {
    return native ? missingOfNative(name, packages[0], require) : null;
  } catch (error) {
    return { reason: messageOf(error), install: null };
  }
}
