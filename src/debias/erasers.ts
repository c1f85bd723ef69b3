/** @file Every method by the name configs and reports use. */
import { leace } from "./leace.ts";
import { meanDifference } from "./mean-difference.ts";
import { pcaClass } from "./pca-class.ts";
import { pcaPair } from "./pca-pair.ts";

export const erasers = {
  leace,
  "mean-difference": meanDifference,
  "pca-class": pcaClass,
  "pca-pair": pcaPair,
} as const;
export type EraserName = keyof typeof erasers;
