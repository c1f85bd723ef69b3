/** @file What is known of drawn faces because they were drawn: how well the best classifiers can do, and their bias. */
import {
  angularShare,
  CUES,
  cueStrength,
  type Parameters,
  type Style,
  type Tone,
  TONES,
} from "./person.ts";

/** Share of each style that a classifier gets right. */
type Recalls = Readonly<Record<Style, number>>;

export interface ToneTruth {
  /** P(style = angular | tone) in train; 0.5 in validation and test. */
  readonly angularShare: number;
  /** The classifier that reads the cues perfectly and knows no tone: the best on validation and test. */
  readonly fair: Recalls;
  /** The one that reads them perfectly and leans as far as the train part's correlation pays: the best on train. */
  readonly biased: Recalls;
}

/** Standard normal distribution function; Abramowitz and Stegun 7.1.26, absolute error below 1e-7. */
export function normalCdf(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  if (x > 6) return z > 0 ? 1 : 0;
  const t = 1 / (1 + 0.3275911 * x);
  const tail =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) *
    Math.exp(-x * x);
  return z > 0 ? 1 - tail / 2 : tail / 2;
}

/**
 * Cues are normal with variance 1 around +-a, so their best linear score is normal around +-|a| and the log-odds of
 * angular are 2 |a| score + L, L = ln(p / (1 - p)) for the share p of angular faces in the tone. Angular faces are right
 * with probability Phi(|a| + L / (2 |a|)), rounded ones with Phi(|a| - L / (2 |a|)).
 */
export function toneTruths(parameters: Parameters): Readonly<Record<Tone, ToneTruth>> {
  const norm = Math.hypot(...Object.values(CUES));
  const truth = (tone: Tone): ToneTruth => {
    const a = norm * cueStrength(parameters, tone);
    const share = angularShare(parameters, "train", tone);
    const lean = Math.log(share / (1 - share)) / (2 * a);
    return {
      angularShare: share,
      fair: { angular: normalCdf(a), rounded: normalCdf(a) },
      biased: { angular: normalCdf(a + lean), rounded: normalCdf(a - lean) },
    };
  };
  return {
    amber: truth("amber"),
    cobalt: truth("cobalt"),
    jade: truth("jade"),
    violet: truth("violet"),
  };
}

/** Largest difference between two tones in the recall of one style: `eo.max` by tone, whichever style is positive. */
export const recallGap = (
  truths: Readonly<Record<Tone, ToneTruth>>,
  who: "fair" | "biased",
): number => {
  const gap = (style: Style): number => {
    const recalls = TONES.map((tone) => truths[tone][who][style]);
    return Math.max(...recalls) - Math.min(...recalls);
  };
  return Math.max(gap("angular"), gap("rounded"));
};
