/** @file onnxruntime-node: loaded when first needed, its sessions, and its failures in one line. */
import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { EquiclipError, messageOf } from "../../run/errors.ts";
import { type OnnxModel, writeModel } from "./writer.ts";

export type Ort = typeof import("onnxruntime-node");
type Session = InferenceSession;
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

/** A session for a model. @param options of the provider, over what all sessions have. */
export const openSession = (
  ort: Ort,
  model: OnnxModel,
  options: SessionOptions,
): Promise<Session> =>
  ort.InferenceSession.create(writeModel(model), { logSeverityLevel: 3, ...options });

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
