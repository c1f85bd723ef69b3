/** @file The published study's subspace: PCA of rows centred on their own class's mean. Kept for comparison. */
import { checkTrain, classCount } from "../embeddings.ts";
import { countForShare, createEraser, type EraserMethod } from "../eraser.ts";
import { classMeans, scatter } from "../../run/linalg/products.ts";
import { principalDirections } from "./principal.ts";

export interface PcaClassOptions {
  /** Share of the variance the directions must reach, 0 to 1; the study used about 1. Default 0.9. */
  readonly variance?: number;
}

/**
 * h' = h - alpha V V' h, V the leading principal directions of h - mean(class of h), after Chen and Dou 2021 as the
 * study read it. Centring each class on its own mean takes the difference between the classes away before the PCA
 * looks, so V holds what varies within a class, and the attribute itself survives.
 */
export const pcaClass: EraserMethod<PcaClassOptions> = {
  summary: "PCA of class-centred rows, projected out (as published)",
  caveat:
    "centring each class on its own mean removes the difference between classes before the PCA, so the attribute mostly stays and other content is lost",
  fit(train, { variance = 0.9 } = {}) {
    checkTrain(train);
    const { d, labels } = train;
    const { means } = classMeans(train, labels, classCount(labels));
    const directions = principalDirections(scatter(train, means, labels), d);
    return createEraser("pca-class", directions, countForShare(directions.share, variance));
  },
};
