/** @file The target matrices of the losses, made on the host. */

/** One-hot rows [labels, classes], row-major. @param labels class indices in [0, classes). */
export function classTargets(labels: ArrayLike<number>, classes: number): Float32Array {
  const out = new Float32Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) out[i * classes + labels[i]!] = 1;
  return out;
}

/** Plain CLIP: only the own caption is right, even where another row has the same one. [n, n], row-major. */
export const pairTargets = (n: number): Float32Array =>
  classTargets(
    Array.from({ length: n }, (_, i) => i),
    n,
  );

/**
 * Every row with an equal caption is right: rows share the mass among them. Symmetric [n, n], row-major.
 * @param captions anything that tells captions apart: texts, or indices into the distinct ones.
 */
export function captionTargets(captions: readonly (string | number)[]): Float32Array {
  const n = captions.length;
  const counts = new Map<string | number, number>();
  for (const caption of captions) counts.set(caption, (counts.get(caption) ?? 0) + 1);
  const out = new Float32Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      if (captions[i] === captions[j]) out[i * n + j] = 1 / counts.get(captions[i]!)!;
  return out;
}

/** Distinct texts in order of first use, and for each text its place among them: encode once, gather per row. */
export function distinctTexts(texts: readonly string[]): {
  readonly distinct: readonly string[];
  readonly index: Int32Array;
} {
  const places = new Map<string, number>();
  const index = Int32Array.from(texts, (text) => {
    const place = places.get(text) ?? places.size;
    places.set(text, place);
    return place;
  });
  return { distinct: [...places.keys()], index };
}
