/** @file What training minimises: cross-entropy over class prompts or a probe, or CLIP's contrastive loss over captions. */
import type { Tensors } from "../engine/engine.ts";
import { add, constant, gather, input, l2Normalize } from "../graph/build.ts";
import type { Node } from "../graph/node.ts";
import { classPrototypes, probeLogits, similarityLogits } from "../model/clip/heads.ts";
import { type Loss, type LossTerm, meanCrossEntropy } from "./fairness/term.ts";
import { contrastive } from "./losses.ts";
import type { Network, Trainee } from "./network.ts";
import { captionTargets, classTargets, pairTargets } from "./targets.ts";
import type { Captions, ClassTexts } from "./texts.ts";

/** An objective over a data set's rows, which are named by their index. */
export interface Objective<N extends Trainee = Network> {
  /**
   * What becomes of a last partial batch: filled up with rows of weight 0; dropped, as in a contrastive batch such rows
   * would be wrong answers; or a smaller batch of its own, as batch norm would count them, but for a single row, which has no variance.
   */
  readonly rest: "filled" | "dropped" | "own";
  /** The loss of a batch. @param features such as raw image embeddings [B, D]. @param weights [B]. */
  readonly loss: (network: N, features: Node, weights: Node) => Loss;
  /** The inputs that `loss` made, for these B rows. */
  readonly feeds: (rows: readonly number[], weights: Float32Array) => Tensors;
  /** Those of them that chance decides, drawn ahead for a batch of B rows at a place of the run. */
  readonly draw?: (rows: number, place: Place) => Tensors;
}

/** A batch's place in a run. */
export interface Place {
  readonly epoch: number;
  /** In its epoch. */
  readonly batch: number;
}

/** An objective of one network: whatever its weights, its graphs are the same. */
export const boundTo = <N extends Trainee>(
  network: N,
  objective: Objective<N>,
): Objective<Trainee> => ({
  ...objective,
  loss: (_network, features, weights) => objective.loss(network, features, weights),
});

const targetFeeds =
  (labels: Int32Array, classes: number) =>
  (rows: readonly number[]): Tensors => ({
    targets: {
      shape: [rows.length, classes],
      data: classTargets(
        rows.map((row) => labels[row]!),
        classes,
      ),
    },
  });

const together = <T>(records: readonly Readonly<Record<string, T>>[]): Record<string, T> =>
  Object.fromEntries(records.flatMap((record) => Object.entries(record)));

/**
 * The sum of terms of a classifier's loss.
 * @param logits of features [B, D], as a node [B, classes]. @param labels class of every row.
 */
export function classifierObjective<N extends Trainee>(
  classes: number,
  labels: Int32Array,
  terms: readonly LossTerm[],
  logits: (network: N, features: Node) => Node,
): Objective<N> {
  const targets = targetFeeds(labels, classes);
  return {
    rest: "filled",
    loss: (network, features, weights) => {
      const answered = logits(network, features);
      const { param } = network;
      const batch = { logits: answered, targets: input("targets", answered.shape), weights, param };
      const losses = terms.map((term) => term.loss(batch));
      return {
        value: losses.map(({ value }) => value).reduce(add),
        state: together(losses.map(({ state }) => state)),
      };
    },
    feeds: (rows, weights) =>
      together([targets(rows), ...terms.map((term) => term.feeds(rows, weights))]),
  };
}

/** Terms of a classifier's loss without further ado. */
const plain: readonly LossTerm[] = [meanCrossEntropy];

/** A classifier by the class texts. @param labels class of every row. @param terms of its loss. */
export function promptObjective(
  { texts, averaging, classes }: ClassTexts,
  labels: Int32Array,
  terms: readonly LossTerm[] = plain,
): Objective {
  const all = [...texts.tokens.keys()];
  const classifier = classifierObjective<Network>(classes, labels, terms, (network, images) => {
    const embeds = texts.embeds(network, all.length);
    const prototypes = classPrototypes(embeds, constant(averaging, [classes, all.length]));
    const scale = network.layers.param("logit_scale");
    return similarityLogits(l2Normalize(images), prototypes, scale); // [B, C]
  });
  const fed = texts.feeds(all);
  return {
    ...classifier,
    feeds: (rows, weights) => ({ ...fed, ...classifier.feeds(rows, weights) }),
  };
}

/** A linear classifier on unit image embeddings. @param labels class of every row. @param terms of its loss. */
export const probeObjective = (
  classes: number,
  labels: Int32Array,
  terms: readonly LossTerm[] = plain,
): Objective<Trainee> =>
  classifierObjective<Trainee>(classes, labels, terms, ({ param }, images) =>
    probeLogits(l2Normalize(images), param),
  );

/**
 * CLIP's loss between images and their captions.
 * @param positives `equal`: all rows of a batch with the same caption are right answers; `own`: (compat) only the row's
 * own copy is. Equal captions have equal embeddings, hence equal probabilities, so the two have the same value and
 * gradients as long as rows with the same caption weigh the same.
 * @param batchSize rows of a batch.
 */
export function captionObjective(
  { texts, index }: Captions,
  positives: "equal" | "own",
  batchSize: number,
): Objective {
  // few captions: all are encoded in every step; many: those of the batch, one per row
  const few = texts.tokens.length <= batchSize;
  const count = few ? texts.tokens.length : batchSize;
  const all = few ? texts.feeds([...texts.tokens.keys()]) : null;
  return {
    rest: "dropped",
    loss: (network, images, weights) => {
      const batch = images.shape[0]!;
      const embeds = texts.embeds(network, count); // [count, D]
      const perRow = gather(embeds, input("captionOfRow", [batch], "int")); // [B, D]
      const targets = input("targets", [batch, batch]);
      const scale = network.layers.param("logit_scale");
      return { value: contrastive(images, perRow, scale, targets, weights), state: {} };
    },
    feeds: (rows) => {
      const n = rows.length;
      const own = rows.map((row) => index[row]!);
      const captionOfRow = Int32Array.from(own, (caption, i) => (all ? caption : i));
      const targets = positives === "equal" ? captionTargets(own) : pairTargets(n);
      return {
        ...(all ?? texts.feeds(own)),
        captionOfRow: { shape: [n], data: captionOfRow },
        targets: { shape: [n, n], data: targets },
      };
    },
  };
}
