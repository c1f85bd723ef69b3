/** @file Equalized odds as soft rates: true and false positive rates of each class against the rest. */
import { type SoftRate, outcomesOf } from "./soft-rates.ts";

/**
 * Soft TPR and FPR: the mean probability of a class over the rows that are of it, and over those that are not. Equal
 * ones in all groups are equalized odds (Hardt, Price and Srebro 2016) of a classifier that draws from its
 * probabilities. Penalising their differences within a batch: Padala and Gujar, "FNNC" (2020); the soft maximum and the
 * difference to the whole batch follow Agarwal et al. 2018, whose constraints compare each group with all rows.
 */
export const equalizedOdds = (classes: number): readonly SoftRate[] =>
  outcomesOf(classes).flatMap((outcome) => [
    { outcome, given: (truth) => truth === outcome },
    { outcome, given: (truth) => truth !== outcome },
  ]);
