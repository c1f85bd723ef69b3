/** @file Demographic parity as soft rates: selection rates of each class. */
import { type SoftRate, outcomesOf } from "./soft-rates.ts";

/** The mean probability of a class over all rows; equal ones in all groups are demographic parity. */
export const demographicParity = (classes: number): readonly SoftRate[] =>
  outcomesOf(classes).map((outcome) => ({ outcome, given: () => true }));
