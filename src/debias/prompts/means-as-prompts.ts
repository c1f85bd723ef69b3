/** @file Prompts for embeddings without a text side: means of train rows. */
import { unitRows } from "../../run/linalg/embeddings.ts";
import { UsageError } from "../../run/errors.ts";
import { classMeans } from "../../run/linalg/products.ts";
import type { DebiasData, Prompts } from "../debiaser.ts";
import { classCount, type Embeddings } from "../embeddings.ts";

/**
 * Stand-ins for texts, so that every method runs on any embeddings: the unit mean of the unit train rows of each
 * concept class (`spurious`), of each target class (`classes`) and of each target x concept cell with rows
 * (`candidates`). Such a mean says all that its rows have in common, where a text names one thing; results with them
 * are not those that the papers report.
 * @throws {UsageError} when a target class below the largest has no rows
 */
export function meansAsPrompts({
  images,
  target,
  concepts,
}: Pick<DebiasData, "images" | "target" | "concepts">): Prompts[] {
  const rows = unitRows(images);
  const classes = meanRows(rows, target);
  const empty = classes.labels.findIndex((label, row) => label !== row);
  if (empty >= 0)
    throw new UsageError(
      `prompts from means: expected train rows of every target class, received none of class ${empty}; name only classes that the train part has`,
    );
  return concepts.map((labels) => {
    const count = classCount(labels);
    const cells = meanRows(
      rows,
      target.map((t, row) => t * count + labels[row]!),
    );
    return {
      spurious: meanRows(rows, labels),
      candidates: {
        ...cells,
        target: cells.labels.map((cell) => Math.floor(cell / count)),
        labels: cells.labels.map((cell) => cell % count),
      },
      classes: { x: classes.x, n: classes.n, d: classes.d },
      source: "means",
    };
  });
}

/** Unit mean row of each class with rows, and its number. */
function meanRows(rows: Embeddings, labels: Int32Array): Embeddings & { labels: Int32Array } {
  const { d } = rows;
  const { means, counts } = classMeans(rows, labels, classCount(labels));
  const present = Int32Array.from([...counts.keys()].filter((c) => counts[c]! > 0));
  const x = new Float64Array(present.length * d);
  present.forEach((c, to) => x.set(means.subarray(c * d, (c + 1) * d), to * d));
  return { ...unitRows({ x, n: present.length, d }), labels: present };
}
