/**
 * @file WiSE-FT: weights between those before and after fine-tuning.
 * Wortsman et al. 2022 (arXiv:2109.01903), equation 1; the logit scale is a weight like any other, as in their code.
 */
import { UsageError } from "../run/errors.ts";

/** One parameter, row-major. */
interface Parameter {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}
/** Parameters by name. */
type Parameters = ReadonlyMap<string, Parameter>;

/**
 * (1 - alpha) * before + alpha * after for every parameter, in new arrays; both ends bit for bit.
 * @param before of the zero-shot model
 * @param after of the fine-tuned model: the same names and shapes
 * @param alpha 0 to 1
 * @throws {UsageError} naming the first parameter that one of them lacks or that differs in shape
 */
export function interpolateWeights(
  before: Parameters,
  after: Parameters,
  alpha: number,
): Map<string, Parameter> {
  if (!(alpha >= 0 && alpha <= 1))
    throw new UsageError(`wise: alpha: expected 0 to 1, received ${alpha}`);
  const stray = [...after.keys()].find((name) => !before.has(name));
  if (stray !== undefined)
    throw new UsageError(
      `wise: ${stray}: only the fine-tuned weights have it; interpolate checkpoints of one model`,
    );
  return new Map(
    [...before].map(([name, parameter]) => [
      name,
      between(name, parameter, after.get(name), alpha),
    ]),
  );
}

function between(
  name: string,
  { shape, data }: Parameter,
  after: Parameter | undefined,
  alpha: number,
): Parameter {
  const received = after ? `[${after.shape.join(", ")}]` : "none";
  if (!after || received !== `[${shape.join(", ")}]`)
    throw new UsageError(
      `wise: ${name}: expected shape [${shape.join(", ")}] as before fine-tuning, received ${received}; interpolate checkpoints of one model`,
    );
  // the ends are copied: 0 * x would turn -0 to 0 and an infinite x to NaN
  if (alpha === 0 || alpha === 1) return { shape, data: (alpha === 0 ? data : after.data).slice() };
  return { shape, data: data.map((value, i) => (1 - alpha) * value + alpha * after.data[i]!) };
}
