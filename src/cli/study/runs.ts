/** @file All runs of a study in turn: those that are finished are kept, a failing one does not stop the others. */
import { EquiclipError, InterruptedError, messageOf } from "../../run/errors.ts";
import type { Progress } from "../../run/progress.ts";
import { type Load, type Spent, secondsFor } from "../../study/pace.ts";
import type { StudyFolder } from "./folder.ts";
import { runJob } from "./job.ts";
import type { PlannedRun, StudyPlan } from "./plan.ts";

/** How far the whole study is. */
export interface Pace {
  readonly done: number;
  readonly all: number;
  /** Seconds that the rest will take; null while nothing was timed. */
  readonly left: number | null;
  /** Seconds that the same runs would take with every row and epoch. */
  readonly whole: number | null;
}

export type Ended = { readonly seconds: number } | { readonly reason: string };

export interface StudyHooks {
  readonly command: string;
  readonly progress: Progress;
  /** Called once, when the first epoch or run was timed. */
  readonly onEstimate: (pace: Pace) => void;
  readonly onEnd: (run: PlannedRun, ended: Ended, pace: Pace) => Promise<void>;
}

/**
 * Runs what is left. Throws InterruptedError when a run was interrupted; what fails otherwise is its reason.
 * @returns why runs failed
 */
export async function runAll(
  plan: StudyPlan,
  folder: StudyFolder,
  { command, progress, onEstimate, onEnd }: StudyHooks,
): Promise<ReadonlyMap<PlannedRun, string>> {
  const failed = new Map<PlannedRun, string>();
  const spent: Spent[] = plan.runs.flatMap(({ load, finished }) =>
    finished && load.units > 0 ? [{ load, share: 1, seconds: finished.seconds }] : [],
  );
  const waiting = new Set(plan.runs.filter(({ finished }) => finished === null));
  const all = plan.runs.length;
  let isTold = false;

  /** @param current of the run that is not done yet */
  const paceOf = (current: readonly Spent[]): Pace => {
    const known = [...spent, ...current];
    const behind = current.map(({ load, share }): Load => ({
      ...load,
      units: -share * load.units,
    }));
    return {
      done: all - waiting.size,
      all,
      left: secondsFor([...[...waiting].map(({ load }) => load), ...behind], known),
      whole: secondsFor(
        plan.runs.map(({ whole }) => whole),
        known,
      ),
    };
  };
  const tell = (pace: Pace): void => {
    if (isTold || pace.left === null || pace.done === pace.all) return;
    isTold = true;
    onEstimate(pace);
  };

  for (const run of waiting) {
    const { job, config, load } = run;
    const name = `${job.config} seed ${job.seed}`;
    let ended: Ended;
    if (config === null) ended = { reason: run.reason! };
    else {
      let current: Spent | null = null;
      const place = `${all - waiting.size + 1}/${all} ${name}`;
      try {
        const { seconds } = await runJob(job, config, folder.run(job), {
          command,
          progress: within(progress, () => {
            const { left } = paceOf(current ? [current] : []);
            return left === null ? place : `${place} (all: ${brief(left)} left)`;
          }),
          onEpoch(share, took) {
            current = {
              load,
              share: (current?.share ?? 0) + share,
              seconds: (current?.seconds ?? 0) + took,
            };
            if (load.units > 0) tell(paceOf([current]));
          },
        });
        spent.push({ load, share: 1, seconds });
        ended = { seconds };
      } catch (thrown) {
        if (thrown instanceof InterruptedError)
          throw new InterruptedError(
            `${folder.root}: ${all - waiting.size} of ${all} runs are done, and their report is there; ${name} was ${thrown.message}`,
          );
        ended = { reason: reasonOf(thrown) };
      } finally {
        progress.stop();
      }
    }
    waiting.delete(run);
    if ("reason" in ended) failed.set(run, ended.reason);
    const pace = paceOf([]);
    tell(pace);
    await onEnd(run, ended, pace);
  }
  return failed;
}

/** One line; of a bug, that it is one. */
const reasonOf = (thrown: unknown): string => {
  const text = messageOf(thrown).split("\n")[0]!;
  return thrown instanceof EquiclipError ? text : `a bug: ${text}`;
};

const MINUTE = 60;
const HOUR = 3600;

/** For a bar, where there is little room. */
const brief = (seconds: number): string =>
  seconds >= HOUR
    ? `${(seconds / HOUR).toFixed(1)} h`
    : `${Math.max(1, Math.round(seconds / MINUTE))} min`;

/** Bars that say first where in the study they are. */
const within = (progress: Progress, place: () => string): Progress => ({
  start: (label, total, done) => progress.start(`${place()} · ${label}`, total, done),
  update: (done, note) => progress.update(done, note),
  stop: () => progress.stop(),
});
