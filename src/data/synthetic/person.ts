/** @file Who is drawn: labels with the planted bias, and the noisy cues by which a style shows. */
import { bands } from "../../run/bands.ts";
import { type Random, random } from "../../run/random.ts";
import { AGE_BANDS } from "../bands.ts";
import type { Split } from "../row.ts";

export const STYLES = ["angular", "rounded"] as const;
export type Style = (typeof STYLES)[number];

/** Skin hues of nobody on earth, so that no real group is drawn. */
export const TONES = ["amber", "cobalt", "jade", "violet"] as const;
export type Tone = (typeof TONES)[number];

/** Which way the planted correlation pulls a tone: towards angular (1) or rounded (-1). */
const LEANING: Readonly<Record<Tone, 1 | -1>> = { amber: 1, cobalt: 1, jade: -1, violet: -1 };
/** The part of `faint` that takes hold of a tone. */
const FAINTNESS: Readonly<Record<Tone, number>> = {
  amber: 0,
  cobalt: 1 / 3,
  jade: 2 / 3,
  violet: 1,
};

/**
 * Half the distance between the two styles in each cue, in standard deviations: a cue is normal with variance 1 around
 * +a (angular) or -a (rounded). The best possible classifier of all cues is right with probability Phi(|a|) = 0.992.
 */
export const CUES = { jaw: 1.35, brows: 1.1, hair: 1.15, eyes: 0.9, mouth: 0.85 } as const;
export type Cue = keyof typeof CUES;

export interface SyntheticOptions {
  /** Number of faces. */
  readonly count: number;
  readonly seed: number | string;
  /** Side of an image in pixels. */
  readonly size: number;
  /**
   * Correlation (phi) of style and the two pairs of tones in the train part, -1 to 1:
   * P(angular | amber or cobalt) = (1 + bias) / 2, P(angular | jade or violet) = (1 - bias) / 2.
   * Validation and test have none. Default 0.
   */
  readonly bias?: number;
  /** How much weaker the cues of style are drawn, 0 to 0.9: not for amber, wholly for violet. Default 0. */
  readonly faint?: number;
  /** Share of the rows in validation. Default 0.15. */
  readonly validation?: number;
  /** Share of the rows in test. Default 0.25. */
  readonly test?: number;
}
export type Parameters = Required<SyntheticOptions>;

export interface Person {
  /** Row number from 0. */
  readonly index: number;
  readonly style: Style;
  readonly tone: Tone;
  /** Whole years, 18 to 89. */
  readonly age: number;
  readonly ageBand: string;
  readonly split: Split;
  /** In standard deviations, positive towards angular. */
  readonly cues: Readonly<Record<Cue, number>>;
}

const bandOf = bands(AGE_BANDS);
const pick = <T>(rng: Random, items: readonly T[]): T => items[rng.int(items.length)]!;

/** P(style = angular | tone) in a part of the data. */
export const angularShare = ({ bias }: Parameters, split: Split, tone: Tone): number =>
  split === "train" ? (1 + bias * LEANING[tone]) / 2 : 0.5;

/** How strongly the cues of a tone are drawn, 0.1 to 1. */
export const cueStrength = ({ faint }: Parameters, tone: Tone): number =>
  1 - faint * FAINTNESS[tone];

/** Everybody, in row order. Splits are shuffled and have exact sizes; all else is drawn per row from its own stream. */
export function drawPeople(parameters: Parameters): Person[] {
  const { count, seed, validation, test } = parameters;
  const order = random(seed, "synthetic split").shuffle(
    Array.from({ length: count }, (_, row) => row),
  );
  const splits = Array.from({ length: count }, (): Split => "train");
  const tests = Math.round(test * count);
  order.slice(0, tests).forEach((row) => (splits[row] = "test"));
  order
    .slice(tests, tests + Math.round(validation * count))
    .forEach((row) => (splits[row] = "validation"));
  return splits.map((split, index) => {
    const rng = random(seed, "synthetic person", index);
    const tone = pick(rng, TONES);
    const style = rng.uniform() < angularShare(parameters, split, tone) ? "angular" : "rounded";
    const age = 18 + rng.int(72);
    const side = (style === "angular" ? 1 : -1) * cueStrength(parameters, tone);
    const cue = (half: number): number => side * half + rng.normal();
    return {
      index,
      style,
      tone,
      age,
      ageBand: bandOf(age)!,
      split,
      cues: {
        jaw: cue(CUES.jaw),
        brows: cue(CUES.brows),
        hair: cue(CUES.hair),
        eyes: cue(CUES.eyes),
        mouth: cue(CUES.mouth),
      },
    };
  });
}
