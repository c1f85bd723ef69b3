/** @file BendVLM: the text of each class made equally similar to images of every class of the concept. */
import { unitRows } from "../../run/linalg/embeddings.ts";
import { UsageError } from "../../run/errors.ts";
import { classMeans, dot } from "../../run/linalg/products.ts";
import { applyEach } from "../compose.ts";
import type { DebiasData } from "../debiaser.ts";
import { classCount, type Embeddings } from "../embeddings.ts";
import { asPublished, type DebiasMethod } from "../method.ts";
import { matchedDifferences, rowsWhere } from "./differences.ts";
import { removeSpan, stack, UNIT_ROW_FLOOR } from "../span.ts";

/** Means of unit rows that are closer than this differ by rounding. */
const MEAN_FLOOR = 1e-7;

/**
 * Gerych et al. 2024 (arXiv:2411.04420), for each class of the task on its own text t.
 *
 * 1. t' = t less its projection on the local attribute subspace: the span of the spurious prompts and of the
 *    differences between candidate prompts of this class (as in the published code), then unit length.
 * 2. Of all unit vectors with the same cosine to the mean reference image m_a of every concept class a, z is the
 *    closest to t'. For unit vectors |z - t'|^2 = 2 - 2 z . t', so z maximises z . t' among the unit vectors of N, the
 *    orthogonal complement of the span of all m_a - m_b. There z . t' = z . P t' with P the projection on N, which is
 *    at most |P t'| and reaches it at z = P t' / |P t'|. (The published code finds the same z by SLSQP.)
 *
 * References are train rows of the class, or with `neighbours` the so many rows of each concept class that are most
 * similar to t', as published. A concept class without such rows sets no condition.
 */
export const bendvlm: DebiasMethod = {
  summary: "each class's text made equally similar to train images of every class of the concept",
  caveat:
    "equal on average over the reference images, which says nothing of single images or of error rates",
  needs: ["labels", "target", "prompts"],
  sides: "text",
  fixedSides: true,
  fit(data, { neighbours }) {
    if (neighbours !== null && !(Number.isInteger(neighbours) && neighbours > 0))
      throw new UsageError(
        `bendvlm: neighbours: expected a whole number above 0, received ${neighbours}`,
      );
    const images = unitRows(data.images);
    const texts = unitRows(data.prompts[0]!.classes); // the task is one, whatever the concept
    const classText = Array.from({ length: texts.n }, (_, c) => {
      const local = removeSpan("bendvlm", localAttributes(data, c), { floor: UNIT_ROW_FLOOR });
      const text = unitRows(
        applyEach(
          [local],
          rowsWhere(texts, (row) => row === c),
        ),
      );
      const isReference =
        neighbours === null
          ? () => (row: number) => data.target[row] === c
          : mostSimilar(images, text, neighbours);
      const apart = data.concepts.map((labels) =>
        meanDifferences(images, labels, isReference(labels)),
      );
      return [local, removeSpan("bendvlm", stack(apart), { floor: MEAN_FLOOR })];
    });
    return asPublished({ setting: {}, erasers: [], classText });
  },
};

/** Rows that span what the texts of class `c` say of every concept. [R, D] */
const localAttributes = ({ prompts }: DebiasData, c: number): Embeddings =>
  stack(
    prompts.flatMap(({ spurious, candidates: { target, labels, ...rows } }) => {
      const own = (_: number, row: number): boolean => target[row] === c;
      return [
        unitRows(spurious),
        matchedDifferences(
          unitRows(rowsWhere(rows, (row) => target[row] === c)),
          labels.filter(own),
        ),
      ];
    }),
  );

/** For the labels of a concept: whether a row is among the `count` of its class that are most similar to the text [1, D]. */
const mostSimilar =
  ({ x, n, d }: Embeddings, text: Embeddings, count: number) =>
  (labels: Int32Array): ((row: number) => boolean) => {
    const query = Float64Array.from(text.x);
    const similarity = Float64Array.from({ length: n }, (_, row) => dot(x, row * d, query, 0, d));
    const kept = new Uint8Array(n);
    const left = new Int32Array(classCount(labels)).fill(count);
    for (const row of similarity.map((_, i) => i).sort((a, b) => similarity[b]! - similarity[a]!))
      if (left[labels[row]!]!-- > 0) kept[row] = 1;
    return (row) => kept[row] === 1;
  };

/** m_a - m_b of the first class with references and every other one. [classes - 1, D] */
function meanDifferences(
  images: Embeddings,
  labels: Int32Array,
  isReference: (row: number) => boolean,
): Embeddings {
  const { d } = images;
  const outside = classCount(labels);
  const { means, counts } = classMeans(
    images,
    labels.map((label, row) => (isReference(row) ? label : outside)),
    outside + 1,
  );
  const [first, ...others] = [...counts.keys()].filter((c) => c < outside && counts[c]! > 0);
  return {
    x: Float64Array.from({ length: others.length * d }, (_, i) => {
      const other = others[Math.floor(i / d)]!;
      return means[first! * d + (i % d)]! - means[other * d + (i % d)]!;
    }),
    n: others.length,
    d,
  };
}
