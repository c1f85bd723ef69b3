/** @file Methods that find one concept in labelled rows, by name. */
import { inlp } from "./erasers/inlp.ts";
import { leace } from "./erasers/leace.ts";
import { meanDifference } from "./erasers/mean-difference.ts";
import { miDrop } from "./erasers/mi-drop.ts";
import { pcaClass } from "./erasers/pca-class.ts";
import { pcaPair } from "./erasers/pca-pair.ts";

export const erasers = {
  inlp,
  leace,
  "mean-difference": meanDifference,
  "mi-drop": miDrop,
  "pca-class": pcaClass,
  "pca-pair": pcaPair,
} as const;
export type EraserName = keyof typeof erasers;
