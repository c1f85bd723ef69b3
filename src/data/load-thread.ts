/** @file The worker thread that loads images. */
import { serveThread } from "../run/threads.ts";
import { type LoadJob, type Tasks, type Kind, loadHere } from "./load.ts";

/** One result for each item of a job. */
export type Answer = readonly Tasks[Kind]["result"][];

/** Memory of its own, which can be handed over: not the pixels that sharp keeps. */
const bufferOf = (result: Answer[number]): ArrayBuffer[] =>
  result instanceof Float32Array ? [result.buffer] : [];

serveThread<LoadJob, Answer>(
  async ({ kind, items, common }) => {
    const results: Answer[number][] = [];
    await loadHere(kind, items, common as never, (i, result) => {
      results[i] = result;
    });
    return results;
  },
  (results) => results.flatMap(bufferOf),
);
