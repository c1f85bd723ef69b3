/** @file onnxruntime-node: loaded when first needed, its sessions, and its failures in one line. */
import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { EquiclipError, messageOf } from "../../run/errors.ts";
import type { Tensor } from "../engine.ts";
import { type OnnxModel, type OnnxValue, writeModel } from "./writer.ts";

export type Ort = typeof import("onnxruntime-node");
export type Session = InferenceSession;
export type SessionOptions = InferenceSession.SessionOptions;

/** Loaded when first needed: commands that compute nothing start without it. */
export async function loadRuntime(): Promise<Ort> {
  try {
    return await import("onnxruntime-node");
  } catch (error) {
    throw new EquiclipError(
      `onnx: cannot load onnxruntime-node for ${process.platform}-${process.arch}: ${messageOf(error)}; run npm ci`,
    );
  }
}

/** onnxruntime's message without its line breaks. */
const reasonOf = (error: unknown): string => messageOf(error).replaceAll(/\s+/g, " ").trim();

/** A session for a model, which prints nothing: what fails is thrown. @param options of the provider, over what all sessions have. */
export const openSession = (
  ort: Ort,
  model: OnnxModel,
  options: SessionOptions,
): Promise<Session> =>
  ort.InferenceSession.create(writeModel(model), { logSeverityLevel: 4, ...options });

/** Runs once. @param fetches results by name: the tensor that is written in place, or null. */
export const runSession = (
  session: Session,
  feeds: Readonly<Record<string, OrtTensor>>,
  fetches: Readonly<Record<string, OrtTensor | null>>,
): Promise<Readonly<Record<string, OrtTensor>>> =>
  session.run(feeds, fetches).catch((error: unknown) => {
    throw new EquiclipError(`onnx: the run failed: ${reasonOf(error)}`, undefined, {
      cause: error,
    });
  });

const END: OnnxValue = { name: "results/end", type: "float32", shape: [], list: true };

/**
 * The model with an empty list before its results. onnxruntime-node 1.30 copies every result when a run is over, those
 * too that it wrote to buffers it was given: time and memory for all gradients once more. It goes through them in order
 * and throws at one that is no tensor, so this one keeps it from the rest (`runInto`).
 */
export const withoutCopies = (model: OnnxModel): OnnxModel => ({
  ...model,
  nodes: [
    { type: "SequenceEmpty", domain: "", inputs: [], outputs: [END.name], attributes: {} },
    ...model.nodes,
  ],
  outputs: [END, ...model.outputs],
});

/** Runs a model `withoutCopies` once. @param targets every other result's tensor, which is written in place. */
export async function runInto(
  session: Session,
  feeds: Readonly<Record<string, OrtTensor>>,
  targets: Readonly<Record<string, OrtTensor>>,
): Promise<void> {
  await runSession(session, feeds, { [END.name]: null, ...targets }).catch((error: Error) => {
    // at the list: the graph has run, and the results are written
    if (!messageOf(error.cause).startsWith("Non tensor type")) throw error;
  });
}

/** A host tensor as the runtime takes it, around the same buffer; float64 is rounded to float32. */
export const hostTensor = (ort: Ort, { data, shape }: Tensor): OrtTensor =>
  data instanceof Int32Array
    ? new ort.Tensor("int32", data, shape)
    : new ort.Tensor(
        "float32",
        data instanceof Float32Array ? data : Float32Array.from(data),
        shape,
      );
