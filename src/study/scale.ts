/** @file A config for a share of the work. */
import type { Config } from "../run/config/schema.ts";

/** Fewer than this many rows of a class teach nothing and tell nothing. */
const LEAST = 4;

/** Of validation rows, of those of train. */
const LEAST_SHARE = 0.1;

/**
 * The config on a share of the rows, with a share of the epochs and of every fixed number of rows.
 * @param scale above 0, at most 1
 * @param size of the data set, as a share of the study's: fixed numbers of rows shrink by it too
 */
export function scaled(config: Config, scale: number, size = 1): Config {
  if (scale * size === 1) return config;
  const rows = (n: number): number => Math.max(LEAST, Math.round(n * scale * size));
  const { data, split, train, sweep } = config;
  const isWhole = train.objective !== "prompt-cross-entropy"; // a contrastive batch is never a part of one
  const { sample } = split;
  return {
    ...config,
    data: {
      ...data,
      share: data.share * scale,
      select: {
        ...data.select,
        ...(data.select.first !== undefined && { first: rows(data.select.first) }),
      },
    },
    split: {
      ...split,
      // a small part of few rows would lack a class
      ...(split.validation < LEAST_SHARE * split.train && {
        validation: LEAST_SHARE * split.train,
      }),
      ...(sample && {
        sample: {
          ...sample,
          ...(sample.train !== undefined && { train: rows(sample.train) }),
          ...(sample.validation !== undefined && { validation: rows(sample.validation) }),
        },
      }),
    },
    train: {
      ...train,
      ...(isWhole && { batchSize: rows(train.batchSize) }),
      epochs: Math.max(1, Math.round(train.epochs * scale)),
      // there are fewer steps by both
      warmupSteps: Math.round(train.warmupSteps * scale * scale),
    },
    sweep: { ...sweep, perClass: rows(sweep.perClass) },
  };
}
