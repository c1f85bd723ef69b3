/** @file What probes can tell of an attribute from embeddings, on rows that they were not fitted on. */
import { UsageError } from "../../run/errors.ts";
import { checkEmbeddings, type Embeddings } from "../../run/linalg/embeddings.ts";
import { stratifiedFolds } from "./folds.ts";
import { distinct } from "./labels.ts";
import { answer, PROBES, type ProbeName } from "./probes.ts";
import { type ProbeScore, score, unscored, type UtilityScore } from "./score.ts";

export interface LeakageOptions {
  /** Parts of the cross-validation, 2 or more; 5 by default. */
  readonly folds?: number;
  /** 0 by default. */
  readonly seed?: number;
  /** Coverage of the interval, 0.95 by default. */
  readonly level?: number;
  /** Rows of one number are near-duplicates, whole numbers from 0; they stay in one fold. [N] */
  readonly clusters?: Int32Array;
}

/**
 * How well a probe tells the labels of held-out rows: stratified k-fold cross-validation with the answers of all folds
 * pooled. Read it beside `chance` and beside that of other embeddings of the same rows: before a method, after it, and
 * after scaling to unit length, which can bring back what a method took out. Deterministic for a seed.
 *
 * The rows must not be among those that an eraser was fitted on. Where class means coincide over all rows, those of the
 * training folds point away from those of the held-out one, and a linear probe scores below chance.
 *
 * @param labels class of each row, any whole numbers [N]
 * @returns null with a reason where fewer than two classes have rows for two folds
 * @throws {EquiclipError} on NaN, sizes that disagree, or fewer than two folds
 */
export function leakage(
  embeddings: Embeddings,
  labels: Int32Array,
  probe: ProbeName,
  { folds = 5, seed = 0, level = 0.95, clusters }: LeakageOptions = {},
): ProbeScore {
  checkRows(embeddings, labels);
  if (clusters && clusters.length !== labels.length)
    throw new UsageError(
      `clusters: expected one for each of ${labels.length} rows, received ${clusters.length}`,
    );
  if (!(Number.isInteger(folds) && folds >= 2))
    throw new UsageError(`folds: expected a whole number from 2, received ${folds}`);
  const lone = classesOfOneUnit(labels, clusters);
  const rows = everyRow(embeddings).filter((row) => !lone.includes(labels[row]!));
  const labelsOf = (of: Int32Array): Int32Array => of.map((row) => labels[row]!);
  const count = distinct(labelsOf(rows)).length;
  if (count < 2)
    return unscored(
      rows.length,
      `a probe needs two classes that can be held out in part, received ${count}`,
    );

  const of = PROBES[probe].view(embeddings);
  const units = clusters && rows.map((row) => clusters[row]!);
  const foldOf = stratifiedFolds(labelsOf(rows), folds, seed, units);
  const predicted = new Int32Array(labels.length);
  for (const fold of distinct(foldOf)) {
    const train = rows.filter((_, i) => foldOf[i] !== fold);
    const test = rows.filter((_, i) => foldOf[i] === fold);
    answer(PROBES[probe], { of, rows: train }, labelsOf(train), { of, rows: test }).forEach(
      (label, i) => (predicted[test[i]!] = label),
    );
  }
  const { balancedAccuracy, interval, chance, n } = score(
    labelsOf(rows),
    rows.map((row) => predicted[row]!),
    level,
    units,
  );
  const notes = [
    ...(lone.length > 0
      ? [
          `${lone.length} of ${lone.length + count} classes left out: they cannot be held out in part`,
        ]
      : []),
    ...(interval![1] < chance! ? [BELOW_CHANCE] : []),
  ];
  const note = notes.length > 0 && { note: notes.join("; ") };
  return { balancedAccuracy, interval, chance, n, ...note };
}

const BELOW_CHANCE = "below chance, as on rows that an eraser was fitted on; probe others";

/** Classes whose rows all stay in one fold: of one row, or of one cluster. */
function classesOfOneUnit(labels: Int32Array, clusters?: Int32Array): number[] {
  const units = new Map<number, Set<number>>();
  labels.forEach((label, row) => {
    const known = units.get(label) ?? new Set();
    units.set(label, known.add(clusters?.[row] ?? row));
  });
  return [...units].filter(([, of]) => of.size === 1).map(([label]) => label);
}

/** Embeddings with the class of each row, any whole numbers. [N] */
type Labelled = Embeddings & { readonly labels: Int32Array };

/**
 * How well a linear probe fitted on some rows tells the labels of others: what embeddings are still good for. Classes
 * weigh the same in the fit; rows of a class that it has not seen count as not recognised.
 * @returns null with a reason where `train` has one class or `test` no rows
 * @throws {EquiclipError} on NaN or sizes that disagree
 */
export function utility(train: Labelled, test: Labelled, level = 0.95): UtilityScore {
  checkRows(train, train.labels);
  checkRows(test, test.labels);
  if (train.d !== test.d)
    throw new UsageError(
      `utility: expected test embeddings of ${train.d} numbers as in train, received ${test.d}`,
    );
  const count = distinct(train.labels).length;
  if (count < 2)
    return unscored(test.n, `a probe needs two classes to be fitted on, received ${count}`);
  if (test.n === 0) return unscored(0, "no test rows");
  const predicted = answer(PROBES.linear, { of: train, rows: everyRow(train) }, train.labels, {
    of: test,
    rows: everyRow(test),
  });
  return score(test.labels, predicted, level);
}

const everyRow = ({ n }: Embeddings): Int32Array => Int32Array.from({ length: n }, (_, i) => i);

function checkRows(embeddings: Embeddings, labels: Int32Array): void {
  checkEmbeddings(embeddings);
  if (labels.length !== embeddings.n)
    throw new UsageError(
      `labels: expected one for each of ${embeddings.n} embeddings, received ${labels.length}`,
    );
}
