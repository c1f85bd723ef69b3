/** @file The encoders of an exploration, and those that cannot be had. */
import type { ExploreEncoder } from "../../run/config/explore-encoders.ts";
import { EquiclipError } from "../../run/errors.ts";
import type { Progress } from "../../run/progress.ts";
import { type OpenEncoder, openAny } from "../encoders.ts";

export interface OpenedEncoder extends OpenEncoder {
  /** What tables call it. */
  readonly name: string;
  /** Images at a time: what it was opened with. */
  readonly batchSize: number;
}

/** A package, file, model or network is missing. Who has other encoders may go on, and say so. */
export class EncoderAbsentError extends EquiclipError {
  override name = "EncoderAbsentError";
  /** What tables call it. */
  readonly encoder: string;
  readonly reason: string;
  constructor(encoder: string, cause: EquiclipError) {
    super(`encoder ${encoder}: ${cause.message}`, cause.exitCode, { cause });
    this.encoder = encoder;
    this.reason = cause.message;
  }
}

export const encoderName = ({ as, kind }: ExploreEncoder): string => as ?? kind;

/** Side of the pictures that most models take: what they need grows with the pixels. */
const SIDE = 224;

/** Larger pictures come fewer at a time. */
function atATime(spec: ExploreEncoder, most: number): number {
  const side = spec.kind === "onnx" ? (spec.size ?? SIDE) : SIDE;
  return Math.max(2, Math.min(most, Math.floor(most * (SIDE / side) ** 2)));
}

/**
 * Opens an encoder. A layer of a network of one's own: `output` of its ONNX file, which may name any tensor inside.
 * @param most images at a time, at least 2; of large ones fewer are taken
 * @throws {EncoderAbsentError} when it cannot be had
 */
export async function openEncoder(
  spec: ExploreEncoder,
  most: number,
  progress: Progress,
): Promise<OpenedEncoder> {
  const name = encoderName(spec);
  const batchSize = atATime(spec, most);
  try {
    return { ...(await openAny(spec, batchSize, progress)), name, batchSize };
  } catch (thrown) {
    throw thrown instanceof EquiclipError ? new EncoderAbsentError(name, thrown) : thrown;
  }
}
