/** @file Which class a row gets: softmax over the texts, and (compat) over the images of a batch, as the study had it. */

/** The class of largest logit, which is that of largest softmax over texts. [N] of logits [N, C]; the first of equals. */
export function predictOverTexts(logits: Float64Array, classes: number): Int32Array {
  const out = new Int32Array(logits.length / classes);
  for (let i = 0; i < out.length; i++)
    for (let c = 1; c < classes; c++)
      if (logits[i * classes + c]! > logits[i * classes + out[i]!]!) out[i] = c;
  return out;
}

/**
 * Compat: probabilities of each text over the images of a batch, and the text of largest probability for an image. What
 * an image is called depends on the others of its batch: alone, every text has probability 1, and it gets the first class.
 * @param order rows in the order in which they are batched
 */
export function predictOverImages(
  logits: Float64Array,
  classes: number,
  batch: number,
  order: readonly number[],
): Int32Array {
  const out = new Int32Array(logits.length / classes);
  for (let from = 0; from < order.length; from += batch) {
    const rows = order.slice(from, from + batch);
    const scores = new Float64Array(rows.length * classes);
    for (let c = 0; c < classes; c++) {
      const largest = Math.max(...rows.map((row) => logits[row * classes + c]!));
      const exps = rows.map((row) => Math.exp(logits[row * classes + c]! - largest));
      const total = exps.reduce((sum, value) => sum + value, 0);
      exps.forEach((value, i) => (scores[i * classes + c] = value / total));
    }
    predictOverTexts(scores, classes).forEach((c, i) => (out[rows[i]!] = c));
  }
  return out;
}
