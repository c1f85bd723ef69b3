/** @file What a study says of itself before it starts and as runs end. */
import { count, decimal, duration } from "../../report/format.ts";
import { strategyCount } from "../../report/study/model.ts";
import type { DoneRun } from "../../study/result.ts";
import { numberIn } from "../../study/result.ts";
import type { StudyOptions } from "./folder.ts";
import type { PlannedRun, StudyPlan } from "./plan.ts";
import type { Ended, Pace } from "./runs.ts";

/** What will be run, before anything is. */
export function planLines(plan: StudyPlan, options: StudyOptions): string[] {
  const { runs, strategies, seeds, files, source } = plan;
  const old = runs.filter(({ isOld }) => isOld);
  const [done, broken] = [
    runs.filter(({ finished }) => finished !== null),
    runs.filter(({ config }) => config === null),
  ];
  return [
    `study ${options.study}: ${strategyCount(strategies)} as ${strategies.length === 1 ? "it was" : "they were"} and corrected, seed${seeds.length === 1 ? "" : "s"} ${seeds.join(", ")}: ${runs.length} run${runs.length === 1 ? "" : "s"}${done.length > 0 ? `, ${done.length} of them done` : ""}`,
    `data: ${options.data === null ? `${count(files)} drawn faces in ${source}` : `${count(files)} images in ${source}`}; ${options.scale === 1 ? "all rows and epochs" : `scale ${options.scale}: that share of rows and of epochs`}`,
    ...broken.map(({ job, reason }) => `cannot run ${job.config}, seed ${job.seed}: ${reason}`),
    ...(old.length > 0
      ? [
          `done with another config than this version's, and kept: ${old.map(({ job }) => `${job.config} seed ${job.seed}`).join(", ")}; delete their folders to run them again`,
        ]
      : []),
    ...(runs.length > done.length + broken.length
      ? ["how long it takes is told after the first epoch; Ctrl-C saves, --resume goes on"]
      : []),
  ];
}

/** After the first epoch. */
export const estimateLine = ({ done, all, left, whole }: Pace, scale: number): string =>
  `about ${duration(left!)} left for ${all - done} run${all - done === 1 ? "" : "s"}${scale < 1 && whole !== null ? `; at scale 1 all runs would take about ${duration(whole)}` : ""}`;

/** `3/66 001-ward-original seed 0: balanced accuracy 0.912, class gap 0.041 (3.1 s, about 2 h left)` */
export function endLine(
  { job }: PlannedRun,
  ended: Ended,
  { done, all, left }: Pace,
  measured: Pick<DoneRun, "numbers"> | null,
): string {
  const rest = done < all && left !== null ? `about ${duration(left)} left` : "";
  const name = `${done}/${all} ${job.config} seed ${job.seed}`;
  if ("reason" in ended) return `${name}: failed: ${ended.reason}${rest ? ` (${rest})` : ""}`;
  const told = (
    [
      ["balanced accuracy", "balanced_accuracy"],
      ["class gap", "class.tpr_gap"],
    ] as const
  ).flatMap(([label, metric]) => {
    const value = measured && numberIn(measured.numbers, metric)?.value;
    return value == null ? [] : [`${label} ${decimal(value)}`];
  });
  const time = [duration(ended.seconds), rest].filter(Boolean).join(", ");
  return `${name}: ${told.length > 0 ? told.join(", ") : "done"} (${time})`;
}
