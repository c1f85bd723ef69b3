/** @file The log of a run: `log.jsonl` and TensorBoard events, kept in step with the checkpoint it goes on from. */
import { openEventFile } from "../report/tensorboard.ts";
import { type JsonRecord, appendJsonLine, filterJsonLines } from "../run/json-lines.ts";
import type { RunFolder } from "../run/folder.ts";
import type { Validation } from "../train/judge.ts";
import type { EpochRecord, LoopState, StepRecord } from "../train/loop-state.ts";

export interface Records {
  step(record: StepRecord): Promise<void>;
  epoch(record: EpochRecord<Validation>, selected: number): Promise<void>;
  close(): void;
}

/** Steps between records of single steps; skipped ones are all recorded. */
const EVERY = 10;

const scalarsOf = ({ trainLoss, lr, imagesPerSecond, validation }: EpochRecord<Validation>) => ({
  "epoch/train_loss": trainLoss,
  "epoch/lr": lr,
  "epoch/images_per_second": imagesPerSecond,
  "validation/loss": validation.loss,
  "validation/accuracy": validation.accuracy,
  "validation/objective": validation.objective,
  "validation/feasible": validation.feasible ? 1 : 0,
  ...Object.fromEntries(
    validation.checks.map(({ constraint: { metric, attribute }, value }) => [
      `constraint/${[metric, attribute].filter((part) => part !== undefined).join(" by ")}`,
      value,
    ]),
  ),
});

const epochLine = (
  record: Omit<EpochRecord<Validation>, "validation">,
  validation: Validation,
  selected: number,
): JsonRecord => ({ kind: "epoch", ...record, ...validation, selected });

/** Opens both logs; what was logged after the checkpoint `state` is taken back. */
export async function openRecords(
  folder: RunFolder,
  state: LoopState<Validation> | null,
): Promise<Records> {
  const next = state?.step ?? 0;
  const epochs = state?.trajectory ?? [];
  const kept = await filterJsonLines(folder.log, ({ kind, step, epoch }) =>
    kind === "step" ? Number(step) < next : Number(epoch) < epochs.length,
  );
  // a checkpoint is written before its epoch is logged: a stop in between left the last one out
  const logged = new Set(kept.filter(({ kind }) => kind === "epoch").map(({ epoch }) => epoch));
  for (const { validation, ...record } of epochs.filter(({ epoch }) => !logged.has(epoch)))
    await appendJsonLine(folder.log, epochLine(record, validation, state!.selected!));
  const events = openEventFile(folder.events, next);
  return {
    async step(record) {
      if (record.step % EVERY !== 0 && !record.skipped) return;
      await appendJsonLine(folder.log, { kind: "step", ...record });
      const { loss, lr, gradNorm } = record;
      events.scalars(record.step, {
        "train/loss": loss,
        "train/lr": lr,
        "train/grad_norm": gradNorm,
      });
    },
    async epoch({ validation, ...record }, selected) {
      await appendJsonLine(folder.log, epochLine(record, validation, selected));
      events.scalars(record.step, scalarsOf({ ...record, validation }));
    },
    close: () => events.close(),
  };
}
