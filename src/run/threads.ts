/** @file Jobs done by worker threads. Their queues are filled ahead, so that they work on while the main thread computes. */
import { Worker, parentPort } from "node:worker_threads";
import { EquiclipError, type ExitCode, messageOf } from "./errors.ts";

/** The thread ended while it did this job; the jobs behind it went to another one. */
export class LostThreadError extends Error {
  override name = "LostThreadError";
}

export interface Threads<Job, Result> {
  readonly size: number;
  /**
   * The job's result, or what it throws. Jobs are begun in the order given, each by the thread with the fewest waiting.
   * @throws {LostThreadError} when its thread ended
   */
  run(job: Job): Promise<Result>;
  /** Ends all threads, once no job is left. */
  close(): Promise<void>;
}

interface Pending<Job, Result> {
  readonly job: Job;
  readonly resolve: (result: Result) => void;
  readonly reject: (thrown: unknown) => void;
}

type FromThread<Result> =
  | { readonly ready: true }
  | { readonly result: Result }
  /** Of an EquiclipError: what is sent keeps no class of ours. */
  | { readonly failure: string; readonly exitCode: ExitCode }
  | { readonly thrown: unknown };

interface Thread<Job, Result> {
  readonly worker: Worker;
  /** The first is in work. */
  readonly pending: Pending<Job, Result>[];
}

/**
 * Threads that run the module `entry`, which calls `serveThread`. They start with the first jobs and do not keep the
 * process alive unless they have some.
 */
export function openThreads<Job, Result>(entry: URL, size: number): Threads<Job, Result> {
  const threads: Thread<Job, Result>[] = [];
  let isClosed = false;

  function start(): Thread<Job, Result> {
    const thread = { worker: workerOf(entry), pending: [] as Pending<Job, Result>[] };
    let ready = false;
    let reason: string | null = null;
    thread.worker.on("message", (message: FromThread<Result>) => {
      if ("ready" in message) {
        ready = true;
        return;
      }
      const { resolve, reject } = thread.pending.shift()!;
      if (thread.pending.length === 0) thread.worker.unref();
      if ("result" in message) resolve(message.result);
      else if ("failure" in message) reject(new EquiclipError(message.failure, message.exitCode));
      else reject(message.thrown);
    });
    thread.worker.on("error", (thrown) => {
      reason = messageOf(thrown);
    });
    thread.worker.on("exit", (code) => {
      threads.splice(threads.indexOf(thread), 1);
      if (isClosed) return;
      const why = reason ?? `exit code ${code}`;
      if (ready) {
        thread.pending.shift()?.reject(new LostThreadError(why));
        for (const waiting of thread.pending) give(waiting);
      } else
        for (const { reject } of thread.pending)
          reject(new EquiclipError(`a worker thread does not start: ${why}`));
    });
    threads.push(thread);
    return thread;
  }

  function give(task: Pending<Job, Result>): void {
    const free = threads.toSorted((a, b) => a.pending.length - b.pending.length)[0];
    const idle = free !== undefined && free.pending.length === 0;
    const thread = free && (idle || threads.length >= size) ? free : start();
    thread.pending.push(task);
    thread.worker.ref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    thread.worker.postMessage(task.job);
  }

  return {
    size,
    run: (job) => new Promise<Result>((resolve, reject) => give({ job, resolve, reject })),
    async close() {
      isClosed = true;
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}

function workerOf(entry: URL): Worker {
  if (!entry.pathname.endsWith(".ts")) return new Worker(entry);
  // run from source: what makes Node read TypeScript is not handed on to threads
  const [tsx, module] = [import.meta.resolve("tsx/esm/api"), entry.href].map((url) =>
    JSON.stringify(url),
  );
  const program = `import(${tsx}).then(({ register }) => { register(); return import(${module}); })`;
  return new Worker(program, { eval: true });
}

const told = (thrown: unknown) =>
  thrown instanceof EquiclipError
    ? { failure: thrown.message, exitCode: thrown.exitCode }
    : { thrown };

/**
 * What a thread's module does: one job after the other, in the order given.
 * @param transferred the buffers of a result that are handed over instead of copied
 */
export function serveThread<Job, Result>(
  work: (job: Job) => Promise<Result>,
  transferred: (result: Result) => readonly ArrayBuffer[],
): void {
  const port = parentPort!;
  let last = Promise.resolve();
  port.on("message", (job: Job) => {
    last = last
      .then(() => work(job))
      .then(
        (result) =>
          port.postMessage({ result } satisfies FromThread<Result>, [...transferred(result)]),
        (thrown: unknown) => port.postMessage(told(thrown) satisfies FromThread<Result>),
      );
  });
  port.postMessage({ ready: true } satisfies FromThread<Result>);
}
