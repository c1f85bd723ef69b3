/** @file A training that both sides do: the same weights, data, loss and update. */
import type { Trainable } from "../../src/model/clip/trainable.ts";
import { random } from "../../src/run/random.ts";

export interface TrainingSpec {
  /** A Hugging Face folder. */
  readonly folder: string;
  /**
   * What a step computes: the image tower towards two fixed class vectors, the text tower's two prompts towards fixed
   * image embeddings, or both towers.
   */
  readonly towers: "image" | "text" | "both";
  readonly trainable: Trainable;
  readonly batch: number;
  /** float32 rows [batch, 3, S, S], or embeddings [batch, projectionDim] for the text tower. */
  readonly rows: string;
  /** Token ids of both prompts, with BOS and EOS. */
  readonly prompts: readonly (readonly number[])[];
  /** Of LoRA: where our side leaves its adapters, for the peer to start from. */
  readonly adapters?: string;
  /** The rows are what the frozen blocks make of pixels, computed once. */
  readonly cached?: boolean;
}

export const CLASSES = 2;
export const THREADS = 2;
export const LEARNING_RATE = 1e-5;

/** Component i of both class vectors, one after the other; not normalised. The peer computes the same. */
export const classVector = (i: number): number => Math.sin(12.9 * (i + 1));

/** Of row b. */
export const labelOf = (row: number): number => row % CLASSES;

/** Standard normal float32 numbers, the same every time. */
export function drawNormals(count: number): Buffer {
  const { normal } = random("bench", "rows");
  return Buffer.from(Float32Array.from({ length: count }, normal).buffer);
}

/** What a byte tokenizer's models begin and end a text with. */
const [BOS, EOS] = [512, 513];

/** Distinct prompts of `length` tokens. */
export function drawPrompts(length: number): number[][] {
  const { int } = random("bench", "prompts");
  return Array.from({ length: CLASSES }, () => [
    BOS,
    ...Array.from({ length: length - 2 }, () => int(BOS)),
    EOS,
  ]);
}
