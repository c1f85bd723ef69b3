/** @file The GPU that WebGPU finds on this machine. */
import { existsSync, readdirSync } from "node:fs";
import type { Missing } from "../engine.ts";
import { probe } from "./probe.ts";
import { loadRuntime } from "./session.ts";

interface Adapter {
  /** What is lacking, or null when there is one. */
  readonly missing: Missing | null;
  /** The name of a device that is a program: it computes on the CPU, slower than an engine that does so outright. */
  readonly software: string | null;
  readonly float16: boolean;
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|software/i;
const here = `${process.platform}-${process.arch}`;

/** Whether Linux knows a GPU. Elsewhere there is always one. */
function hasGpu(): boolean {
  if (process.platform !== "linux") return true;
  const render =
    existsSync("/dev/dri") && readdirSync("/dev/dri").some((f) => f.startsWith("render"));
  return render || ["/dev/nvidiactl", "/dev/dxg"].some((file) => existsSync(file));
}

/** A driver named here may be a program that needs no GPU. */
const hasDriver = (): boolean =>
  ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"].some((name) => process.env[name]);

const lacking = (reason: string, install: string | null = null): Adapter => ({
  missing: { reason, install },
  software: null,
  float16: false,
});

async function look(): Promise<Adapter> {
  const ort = await loadRuntime();
  if (!ort.listSupportedBackends().some(({ name }) => name === "webgpu"))
    return lacking(`onnxruntime-node has no WebGPU for ${here}`);
  if (!hasGpu() && !hasDriver()) return lacking("this machine has no GPU");
  const { failure, float16, log } = await probe("webgpu");
  if (failure === null) {
    const named = [...log.matchAll(/Using "(.+)" with driver/g)].at(-1)?.[1];
    const software = named === undefined ? !hasGpu() : SOFTWARE.test(named);
    return { missing: null, software: software ? (named ?? "no GPU") : null, float16 };
  }
  if (!hasGpu()) return lacking("this machine has no GPU");
  return log.includes("libvulkan.so.1")
    ? lacking("no Vulkan loader (libvulkan.so.1)", "apt install libvulkan1")
    : lacking(`the GPU does not answer: ${failure}`);
}

let found: Promise<Adapter> | undefined;
/** Looks once. Never throws. */
export const adapter = (): Promise<Adapter> =>
  (found ??= look().catch((error: unknown) => lacking(String(error))));
