/** @file Whether onnxruntime has kernels for channels in blocks on this processor, and of what size. */
import { loadRuntime, openSession, runSession } from "./session.ts";
import type { OnnxModel } from "./writer.ts";

/** Reorders fewer channels than a block has. */
const MODEL: OnnxModel = {
  inputs: [{ name: "x", type: "float32", shape: [1, 4, 1, 1] }],
  outputs: [{ name: "y", type: "float32", shape: [1, "channels", 1, 1] }],
  initializers: [],
  nodes: [
    {
      type: "ReorderInput",
      domain: "com.microsoft.nchwc",
      inputs: ["x"],
      outputs: ["y"],
      attributes: {},
    },
  ],
};

async function look(): Promise<number | null> {
  const ort = await loadRuntime();
  const x = new ort.Tensor("float32", new Float32Array(4), [1, 4, 1, 1]);
  try {
    const session = await openSession(ort, MODEL, {});
    const { y } = await runSession(session, { x }, { y: null });
    await session.release();
    return y!.dims[1]!;
  } catch {
    return null;
  }
}

let found: Promise<number | null> | undefined;
/** Looks once: the channels of a block, or null. */
export const blockSize = (): Promise<number | null> => (found ??= look());
