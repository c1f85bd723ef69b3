/** @file Whether updates fit into memory, and the batch size that would. */
import { freemem, totalmem } from "node:os";
import { leastBytes } from "../../graph/liveness.ts";
import { EquiclipError } from "../../run/errors.ts";
import { type Trainee, trainedWeights } from "../network.ts";
import type { Objective } from "../objective.ts";
import { stepGraph } from "../step.ts";
import { slotsOf } from "./optimizer.ts";
import type { UpdateSettings } from "./updater.ts";

/**
 * Bytes that this process can still have at the very most, by the machine and by the limit of its container. Caches of
 * files give way, and count as free: Linux says so of the machine, elsewhere and in containers all but this process does.
 */
export function availableMemory(): number {
  const { rss } = process.memoryUsage();
  const machine = process.platform === "linux" ? freemem() : totalmem() - rss;
  return Math.min(machine, (process.constrainedMemory() || Infinity) - rss);
}

const FLOAT_BYTES = 4;
/** What a step takes beside what is counted: a tenth for ViT-B/32 on the CPU (measured), and some more. */
const MARGIN = 1.2;

export interface MemoryNeed {
  /** Throws EquiclipError when a step takes more than `available` bytes for certain. */
  readonly check: () => void;
  /** A failure to get memory as one line that says which batch size would fit; anything else as it is. */
  readonly explained: (error: unknown) => unknown;
}

/** What updates of `network` need. @param available bytes, or null where nobody knows. */
export function memoryNeed<N extends Trainee>(
  network: N,
  objective: Objective<N>,
  { batchSize, accumulate, optimizer, ema }: UpdateSettings,
  available: number | null,
): MemoryNeed {
  const values = (rows: number): number => {
    const { loss, gradients } = stepGraph(network, objective, rows, false);
    return leastBytes([loss, ...Object.values(gradients)]);
  };
  const trained = [...trainedWeights(network).values()].reduce((n, { data }) => n + data.length, 0);
  const arrays = 1 + slotsOf(optimizer).length + Number(accumulate > 1) + Number(ema !== null);
  const fixed = FLOAT_BYTES * trained * arrays;
  const bytes = (rows: number): number => fixed + MARGIN * values(rows);

  /** The largest batch that fits, of half the size at most: this one did not. 0 where none does. */
  function fitting(): number {
    let [fits, not] = [0, Math.floor(batchSize / 2) + 1];
    if (available === null) return not - 1;
    while (not - fits > 1) {
      const middle = Math.floor((fits + not) / 2);
      if (bytes(middle) <= available) fits = middle;
      else not = middle;
    }
    return fits;
  }
  function tooLarge(why: string, cause?: unknown): EquiclipError {
    const fits = fitting();
    const advice =
      fits > 0
        ? `train.batchSize ${fits} should fit; train.accumulate ${accumulate * Math.ceil(batchSize / fits)} keeps the rows of a step`
        : "not even one row fits: train a smaller part (model.trainable), or on a machine with more memory";
    return new EquiclipError(`training: out of memory: ${why}; ${advice}`, undefined, { cause });
  }
  return {
    check: () => {
      if (available === null) return;
      const need = fixed + values(batchSize);
      if (need > available)
        throw tooLarge(
          `a batch of ${batchSize} takes ${mib(need)} and more, expected at most the ${mib(available)} that are free`,
        );
    },
    explained: (error) => {
      const reason = reasonOf(error);
      return reason === null
        ? error
        : tooLarge(`a batch of ${batchSize} does not fit: ${reason}`, error);
    },
  };
}

export const mib = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

/** What Node, onnxruntime, TensorFlow and WebGPU say, up to the end of the line. */
const OUT_OF_MEMORY =
  /(out of memory|bad.?alloc|failed to allocate|allocation failed|unable to grow|resource.?exhausted|invalid typed array length).*/i;
/** What an error, or one behind it, says of too little memory; null where none does. */
const reasonOf = (error: unknown): string | null =>
  error instanceof Error ? (OUT_OF_MEMORY.exec(error.message)?.[0] ?? reasonOf(error.cause)) : null;
