/** @file What a convolutional network learns beside its target: labels and numbers of rows, each with a loss of its own. */
import type { Row } from "../../data/row.ts";
import type { Tensor } from "../../engine/engine.ts";
import { abs, add, div, input, mul, sub, sum } from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";
import type { HeadTarget } from "../../model/cnn/architectures.ts";
import { ARCHITECTURES, classes, number } from "../../model/cnn/architectures.ts";
import type { CnnConfig, Head } from "../../model/cnn/config.ts";
import { classLogits, numberOf } from "../../model/cnn/graph.ts";
import { classesOf } from "../../model/cnn/shapes.ts";
import { encodeNumber } from "../../model/cnn/numbers.ts";
import type { OutputConfig } from "../../run/config/cnn.ts";
import type { Config } from "../../run/config/schema.ts";
import { UsageError } from "../../run/errors.ts";
import { crossEntropy } from "../losses.ts";
import { classTargets } from "../targets.ts";

/** Labels of an attribute, sorted; null where rows have it as a number. Throws UsageError for rows that have neither. */
function labelsOf(name: string, rows: readonly Row[]): readonly string[] | null {
  const unnumbered = rows.find(({ numbers }) => numbers[name] === undefined);
  if (!unnumbered) return null;
  const unlabelled = rows.find(({ labels }) => labels[name] === undefined);
  if (unlabelled) {
    const [without, what] = rows.some(({ numbers }) => numbers[name] !== undefined)
      ? [unnumbered, "number"]
      : [unlabelled, "label"];
    if (rows.some((row) => (what === "number" ? row.numbers : row.labels)[name] !== undefined))
      throw new UsageError(
        `model.outputs.${name}: ${without.id} has no ${what} "${name}", which other rows have; give it one, or leave the row out`,
      );
    throw new UsageError(
      `model.outputs.${name}: no row has a label or number "${name}"; expected one of ${[...Object.keys(without.labels), ...Object.keys(without.numbers)].join(", ")}, or name its column in data.attributes or data.numbers`,
    );
  }
  return [...new Set(rows.map(({ labels }) => labels[name]!))].toSorted();
}

/** Labels of every output beside the target. */
export const outputLabels = (
  { model, data }: Pick<Config, "model" | "data">,
  rows: readonly Row[],
): Readonly<Record<string, readonly string[] | null>> =>
  Object.fromEntries(
    Object.keys(model.outputs)
      .filter((name) => name !== data.target)
      .map((name) => [name, labelsOf(name, rows)]),
  );

const isArchitecture = (name: string): name is keyof typeof ARCHITECTURES =>
  Object.hasOwn(ARCHITECTURES, name);

/**
 * The heads of a new network: the target's and those of `outputs`, in the order that the architecture was published with.
 * @param rows of all splits
 */
export function headsOf(
  architecture: string,
  target: { readonly target: string; readonly classes: readonly string[] },
  outputs: readonly string[],
  rows: readonly Row[],
): Readonly<Record<string, HeadTarget>> {
  const published = isArchitecture(architecture) ? ARCHITECTURES[architecture].heads : {};
  const known: Readonly<Record<string, HeadTarget | undefined>> = published;
  const names = new Set([target.target, ...outputs]);
  const order = [...Object.keys(published).filter((name) => names.has(name)), ...names];
  const headOf = (name: string): HeadTarget => {
    if (name === target.target) return classes(target.classes.length);
    const labels = labelsOf(name, rows);
    if (labels) return classes(labels.length);
    const own = known[name];
    if (own?.kind === "number") return own;
    const largest = rows.reduce((most, { numbers }) => Math.max(most, Math.abs(numbers[name]!)), 0);
    return number(largest || 1);
  };
  return Object.fromEntries([...new Set(order)].map((name) => [name, headOf(name)]));
}

/** An output on the way: its loss, and what is fed of a batch of rows. */
export interface LearntOutput {
  readonly name: string;
  readonly weight: number;
  /** @param z what the head's last layer gives [B, units]. @param weights of rows [B]. */
  readonly loss: (z: Node, weights: Node) => Node;
  readonly feeds: (rows: readonly number[]) => Readonly<Record<string, Tensor>>;
}

const feedName = (name: string): string => `output:${name}`;

const DISTANCES = {
  mse: (x: Node) => mul(x, x),
  mae: abs,
} as const satisfies Record<Exclude<NonNullable<OutputConfig["loss"]>, "cross-entropy">, unknown>;

/** An output that tells a number: the weighted mean of squared or absolute errors, in the units that the head learns in. */
function numberOutput(
  name: string,
  head: Head,
  { loss = "mse", weight }: OutputConfig,
  rows: readonly Row[],
): LearntOutput {
  if (loss === "cross-entropy")
    throw new UsageError(
      `model.outputs.${name}.loss: expected mse or mae for a number, received cross-entropy`,
    );
  const values = Float32Array.from(rows, ({ numbers }) =>
    encodeNumber(head.number!, numbers[name]!),
  );
  return {
    name,
    weight,
    loss: (z, weights) => {
      const errors = DISTANCES[loss](sub(numberOf(head, z), input(feedName(name), [z.shape[0]!])));
      return div(sum(mul(errors, weights)), sum(weights));
    },
    feeds: (batch) => ({
      [feedName(name)]: {
        shape: [batch.length],
        data: Float32Array.from(batch, (row) => values[row]!),
      },
    }),
  };
}

/** An output that tells a class. */
function classOutput(
  name: string,
  head: Head,
  { loss = "cross-entropy", weight }: OutputConfig,
  labels: readonly string[],
  rows: readonly Row[],
): LearntOutput {
  if (loss !== "cross-entropy")
    throw new UsageError(
      `model.outputs.${name}.loss: expected cross-entropy for a label, received ${loss}`,
    );
  const codes = Int32Array.from(rows, (row) => labels.indexOf(row.labels[name]!));
  return {
    name,
    weight,
    loss: (z, weights) => {
      const logits = classLogits(head, z);
      return crossEntropy(logits, input(feedName(name), logits.shape), weights);
    },
    feeds: (batch) => ({
      [feedName(name)]: {
        shape: [batch.length, labels.length],
        data: classTargets(
          batch.map((row) => codes[row]!),
          labels.length,
        ),
      },
    }),
  };
}

const shown = (labels: readonly string[] | null, told: number | null): string =>
  labels === null
    ? "numbers"
    : `${told === null ? "labels" : labels.length} (${labels.join(", ")})`;

/**
 * The outputs beside the target, with their targets of the rows trained on.
 * Throws UsageError for a loss that does not suit, and a network that has no such head.
 */
export function learntOutputs(
  { heads, architecture }: CnnConfig,
  outputs: Readonly<Record<string, OutputConfig>>,
  target: string,
  rows: readonly Row[],
  labelsByName: Readonly<Record<string, readonly string[] | null>>,
): LearntOutput[] {
  return Object.entries(outputs).flatMap(([name, settings]) => {
    if (name === target) return [];
    const head = heads[name];
    if (!head)
      throw new UsageError(
        `model.outputs.${name}: the network (cnn:${architecture}) has no such head, expected some of ${Object.keys(heads).join(", ")}`,
      );
    const labels = labelsByName[name] ?? null;
    const told = classesOf(head);
    if (told !== (labels?.length ?? null))
      throw new UsageError(
        `model.outputs.${name}: the network's head tells ${told === null ? "a number" : `${told} classes`}, the rows have ${shown(labels, told)}; take a network that was trained for them, or start from cnn:${architecture}`,
      );
    return [
      labels === null
        ? numberOutput(name, head, settings, rows)
        : classOutput(name, head, settings, labels, rows),
    ];
  });
}

/** The sum of losses, each times its weight. */
export const weightedSum = (
  losses: readonly { readonly value: Node; readonly weight: number }[],
): Node =>
  losses
    .map(({ value, weight }) => (weight === 1 ? value : mul(value, weight)))
    .reduce((total, value) => add(total, value));
