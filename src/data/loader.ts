/** @file Who does the work of load.ts: worker threads where there is enough of it, else this thread. */
import { availableParallelism } from "node:os";
import { EquiclipError } from "../run/errors.ts";
import { LostThreadError, type Threads, openThreads } from "../run/threads.ts";
import type { Answer } from "./load-thread.ts";
import { type Kind, type LoadJob, type Tasks, loadHere } from "./load.ts";

/** The same results for the same items, whoever does the work and however long it takes. */
export interface Loader {
  /** Does one kind of work for every item and calls `onEnd` with each result, as they come. */
  load<K extends Kind>(
    kind: K,
    items: readonly Tasks[K]["item"][],
    common: Tasks[K]["common"],
    onEnd: (index: number, result: Tasks[K]["result"]) => void,
  ): Promise<void>;
}

export const onThisThread: Loader = { load: loadHere };

/** Images of a job: few enough that threads end together, and many enough that a message is nothing beside them. */
const PART = 16;
/** Images handed to threads at a time, of one call: a batch as a whole, for it is computed on while they work. */
const IN_FLIGHT = 1024;

/** Ends the threads that run it, when an image is at fault; as a result where the kind of work has one for it. */
const LOST: { readonly [K in Kind]: (path: string, reason: string) => Tasks[K]["result"] } = {
  check: (_, reason) => reason,
  decode: (_, reason) => reason,
  measure: (_, reason) => reason,
  hash: (_, reason) => reason,
  thumbnail: (_, reason) => reason,
  pixels: fails,
  digest: fails,
};
function fails(path: string, reason: string): never {
  throw new EquiclipError(`${path}: ${reason}; remove or replace it`);
}
const pathOf = (item: Tasks[Kind]["item"]): string => (typeof item === "string" ? item : item.path);

/**
 * Loads on `threads`. When one of them ends, its images are tried again, each by itself, and whichever ends another is
 * one that cannot be read.
 */
export function onThreads(threads: Threads<LoadJob, Answer>): Loader {
  return {
    async load(kind, items, common, onEnd) {
      type Result = Tasks[typeof kind]["result"];
      const run = (from: number, to: number): Promise<Result[]> =>
        threads.run({ kind, items: items.slice(from, to), common } as LoadJob) as Promise<Result[]>;
      const alone = (i: number): Promise<Result> =>
        run(i, i + 1).then(
          ([result]) => result!,
          (thrown: unknown) => {
            if (!(thrown instanceof LostThreadError)) throw thrown;
            const reason = `the thread that read it ended (${thrown.message})`;
            return LOST[kind](pathOf(items[i]!), reason);
          },
        );
      const size = Math.min(PART, Math.ceil(items.length / threads.size));
      let next = 0;
      const work = async (): Promise<void> => {
        while (next < items.length) {
          const from = next;
          next = Math.min(items.length, from + size);
          const to = next;
          const results = await run(from, to).catch((thrown: unknown) => {
            if (thrown instanceof LostThreadError) return null;
            throw thrown;
          });
          for (let i = from; i < to; i++) onEnd(i, results ? results[i - from]! : await alone(i));
        }
      };
      await Promise.all(Array.from({ length: Math.ceil(IN_FLIGHT / PART) }, work));
    },
  };
}

/** Threads that load images, for tests; the others share those of `loaderFor`. */
export const openLoadThreads = (
  size: number,
  entry = new URL(`./load-thread${import.meta.url.slice(-3)}`, import.meta.url),
): Threads<LoadJob, Answer> => openThreads(entry, size);

/** Fewer images than this are decoded before the first thread has started. */
const WORTH_THREADS = 256;
let shared: Loader | null = null;

/** A loader for that many images. All that use threads share them. */
export function loaderFor(images: number): Loader {
  if (images < WORTH_THREADS) return onThisThread;
  shared ??= onThreads(openLoadThreads(availableParallelism()));
  return shared;
}
