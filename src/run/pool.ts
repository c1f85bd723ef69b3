/** @file Jobs done by child processes: as many at a time as there are workers, each with the module it is started from. */
import { type ChildProcess, fork } from "node:child_process";
import { messageOf } from "./errors.ts";

export interface PoolOptions<Job, Result> {
  /** Module of the workers, which calls `serveJobs`. */
  readonly entry: URL;
  /** Sent to each worker once. */
  readonly start: unknown;
  readonly jobs: readonly Job[];
  readonly workers: number;
  /** Called as each job ends; `lost` when its process died. */
  readonly onEnd: (job: Job, ended: Ended<Result>) => Promise<void>;
  /** Kills what is in work; jobs not ended are left. */
  readonly signal: AbortSignal;
}

export type Ended<Result> =
  | { readonly result: Result; readonly seconds: number }
  | { readonly lost: string };

type ToWorker = { readonly start: unknown } | { readonly job: unknown };
type FromWorker = { readonly result: unknown } | { readonly error: string };

/**
 * Ends when every job has ended or the signal aborts. A worker that dies takes its job along, and the next job gets a
 * new one.
 * @throws what `onEnd` throws
 */
export async function runPool<Job, Result>({
  entry,
  start,
  jobs,
  workers,
  onEnd,
  signal,
}: PoolOptions<Job, Result>): Promise<void> {
  const queue = [...jobs];
  const work = async (): Promise<void> => {
    let worker: ChildProcess | null = null;
    try {
      for (let job = queue.shift(); job !== undefined && !signal.aborted; job = queue.shift()) {
        worker ??= startWorker(entry, start, signal);
        const began = performance.now();
        const answer = await answerOf(worker, job);
        if (signal.aborted) return;
        if ("result" in answer)
          await onEnd(job, {
            result: answer.result as Result,
            seconds: (performance.now() - began) / 1000,
          });
        else {
          worker.kill("SIGKILL");
          worker = null;
          await onEnd(job, { lost: answer.error });
        }
      }
    } finally {
      worker?.kill("SIGKILL");
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, jobs.length) }, work));
}

function startWorker(entry: URL, start: unknown, signal: AbortSignal): ChildProcess {
  const worker = fork(entry, {
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  signal.addEventListener("abort", () => worker.kill("SIGKILL"), { once: true });
  worker.on("error", () => {}); // what goes wrong is told by the job in work
  worker.send({ start } satisfies ToWorker);
  return worker;
}

const answerOf = (worker: ChildProcess, job: unknown): Promise<FromWorker> =>
  new Promise((resolve) => {
    const end = (answer: FromWorker): void => {
      worker.off("message", onMessage);
      worker.off("exit", onExit);
      resolve(answer);
    };
    const onMessage = (message: unknown): void => end(message as FromWorker);
    const onExit = (code: number | null, by: NodeJS.Signals | null): void =>
      end({ error: `its process ended (${by ?? `exit code ${code}`}); is there enough memory?` });
    worker.on("message", onMessage);
    worker.on("exit", onExit);
    if (worker.exitCode !== null) onExit(worker.exitCode, worker.signalCode);
    else
      worker.send({ job } satisfies ToWorker, (cause) => {
        if (cause) onExit(worker.exitCode, worker.signalCode);
      });
  });

/**
 * What a worker's module does: it is given `start`, then one job after another. The process that started it ends it, so
 * it does not heed the interrupts that a terminal sends to both.
 */
export function serveJobs<Start, Job, Result>(
  open: (start: Start) => Promise<(job: Job) => Promise<Result>>,
): void {
  process.on("SIGINT", () => {});
  process.on("disconnect", () => process.exit());
  let work: Promise<(job: Job) => Promise<Result>> | null = null;
  process.on("message", (message: ToWorker) => {
    if ("start" in message) {
      work = open(message.start as Start);
      work.catch(() => {}); // told by the first job
      return;
    }
    const answer = (from: FromWorker): void => void process.send!(from);
    work!
      .then((run) => run(message.job as Job))
      .then(
        (result) => answer({ result }),
        (thrown: unknown) => answer({ error: messageOf(thrown) }),
      );
  });
}
