/** @file Methods that find one concept in labelled rows, by name. */
import { inlp } from "./inlp.ts";
import { leace } from "./leace.ts";
import { meanDifference } from "./mean-difference.ts";
import { miDrop } from "./mi-drop.ts";
import { pcaClass } from "./pca-class.ts";
import { pcaPair } from "./pca-pair.ts";

export const erasers = {
  inlp,
  leace,
  "mean-difference": meanDifference,
  "mi-drop": miDrop,
  "pca-class": pcaClass,
  "pca-pair": pcaPair,
} as const;
export type EraserName = keyof typeof erasers;
