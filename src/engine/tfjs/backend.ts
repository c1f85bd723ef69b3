/** @file Starts a backend of TensorFlow.js, as it is installed. */
import type * as tfjs from "@tensorflow/tfjs-core";
import { EquiclipError, UsageError, messageOf } from "../../run/errors.ts";
import { KINDS, type TfjsName, type TfjsOptions, findPackages, missingOf } from "./packages.ts";

type Tfjs = typeof tfjs;

export interface Backend {
  readonly name: TfjsName;
  readonly tf: Tfjs;
  /** Makes it the one that runs kernels: a process has one at a time. */
  readonly activate: () => void;
}

/** What native code reads when it is loaded; what the user has set stays. */
function setEnvironment(name: TfjsName, threads: number | undefined): void {
  const wanted = {
    TF_CPP_MIN_LOG_LEVEL: "2", // errors
    ...(threads === undefined ? {} : { TF_NUM_INTRAOP_THREADS: String(threads) }),
    // the same feeds give the same bits, and products of float32 are not rounded to TF32
    ...(name === "tfjs-node-gpu" ? { TF_DETERMINISTIC_OPS: "1", NVIDIA_TF32_OVERRIDE: "0" } : {}),
  };
  for (const [key, value] of Object.entries(wanted)) process.env[key] ??= value;
}

/** Native TensorFlow takes the CPU in silence where it finds no GPU, and a process holds one of its packages alone. */
function checkDevice(name: TfjsName, tf: Tfjs): void {
  const native = tf.backend() as unknown as { isGPUPackage: boolean; isUsingGpuDevice: boolean };
  const onGpu = name === "tfjs-node-gpu";
  if (native.isGPUPackage !== onGpu)
    throw new UsageError(
      `engine: ${name} cannot run beside tfjs-node${onGpu ? "" : "-gpu"}, which this process has loaded; use one of the two`,
    );
  if (onGpu && !native.isUsingGpuDevice)
    throw new UsageError(
      "engine: tfjs-node-gpu finds no CUDA device; it needs an NVIDIA GPU with CUDA 11.2 and cuDNN 8.1 (TF_CPP_MIN_LOG_LEVEL=0 in the environment shows which library is missing), or set engine to auto",
    );
}

/** Where its memory is full, the wasm backend would go on at address 0 and give wrong numbers; this throws instead. */
function guardMemory(tf: Tfjs): void {
  tf.scalar(0).dispose(); // its first call of malloc puts another in its place
  const { wasm } = tf.backend() as unknown as { wasm: { _malloc: (bytes: number) => number } };
  const malloc = wasm._malloc;
  wasm._malloc = (bytes) => {
    const address = bytes < 2 ** 32 ? malloc(bytes) : 0;
    if (address === 0 && bytes > 0) throw new Error(`out of memory for ${bytes} bytes`);
    return address;
  };
}

/** Throws UsageError with what is missing here. */
export async function openBackend(
  name: TfjsName,
  { threads, from = process.cwd() }: TfjsOptions,
): Promise<Backend> {
  const missing = missingOf(name, from);
  const require = findPackages(name, from);
  if (missing || !require)
    throw new UsageError(
      `engine: ${name} cannot run here: ${missing?.reason}; ${missing?.install ?? "set engine to auto"}`,
    );
  const { packages, backend, native } = KINDS[name];
  if (native) setEnvironment(name, threads);
  try {
    const [tf] = packages.map((one) => require(one) as Tfjs) as [Tfjs];
    tf.enableProdMode(); // it keeps its advice to itself, too
    if (!(await tf.setBackend(backend))) throw new Error(`its backend ${backend} does not start`);
    if (native) checkDevice(name, tf);
    if (backend === "wasm") guardMemory(tf);
    return {
      name,
      tf,
      activate: () => {
        // a backend that has been started is set at once
        if (tf.getBackend() !== backend) void tf.setBackend(backend);
      },
    };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new EquiclipError(`engine: ${name}: ${packages[0]} does not load: ${messageOf(error)}`);
  }
}
