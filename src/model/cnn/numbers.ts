/** @file Numbers as a head learns them, and back: one code for both ways, kept with the model. */
import { type AgeGroup, decodeAgeGroup, encodeAgeGroup } from "./age-groups.ts";
import type { NumberCode } from "./config.ts";

/** What a head learns for a number. */
export const encodeNumber = (code: NumberCode, value: number): number =>
  code.code === "divided" ? value / code.by : encodeAgeGroup(value);

/** What a head's answer means: a number, or an age group. */
export const decodeNumber = (code: NumberCode, learnt: number): number | AgeGroup =>
  code.code === "divided" ? learnt * code.by : decodeAgeGroup(learnt);
