/** @file Embedding rows with the labels that a method is fitted on, and the checks both must pass. */
import { UsageError } from "../run/errors.ts";
import { checkEmbeddings, type Embeddings } from "../run/linalg/embeddings.ts";

export { checkEmbeddings, type Embeddings };

/** Embeddings of the train part with the class of the concept to erase in every row. */
export interface Train extends Embeddings {
  /** Class of each row, 0 to C - 1. [N] */
  readonly labels: Int32Array;
  /** Row numbers of matched items, a pair after a pair: [a0, b0, a1, b1, ...]; `pca-pair` alone reads them. */
  readonly pairs?: Int32Array;
}

/** Number of classes C: the largest label + 1; a class may be empty. */
export const classCount = (labels: Int32Array): number =>
  labels.reduce((most, label) => Math.max(most, label + 1), 0);

/** @throws {UsageError} when there is not one label of 0 or more for each of `n` embeddings. */
export function checkLabels(labels: Int32Array, n: number): void {
  if (labels.length !== n)
    throw new UsageError(
      `labels: expected one for each of ${n} embeddings, received ${labels.length}`,
    );
  const bad = labels.findIndex((label) => label < 0);
  if (bad >= 0)
    throw new UsageError(`labels: row ${bad} has class ${labels[bad]}; expected 0 or more`);
}

/** @throws {UsageError} when fewer than two classes have rows. */
export function checkClasses(present: number): void {
  if (present < 2)
    throw new UsageError(
      `labels: a concept needs rows of at least two classes to be erased, received ${present}; check the attribute and the train split`,
    );
}

/** @throws {EquiclipError} when the embeddings are bad, labels do not match them, or fewer than two classes have rows. */
export function checkTrain(train: Train): void {
  checkEmbeddings(train);
  checkLabels(train.labels, train.n);
  checkClasses(new Set(train.labels).size);
}
