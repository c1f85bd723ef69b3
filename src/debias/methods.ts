/** @file Every embedding method by the name configs and reports use, and the one way to fit any of them. */
import { UsageError } from "../run/errors.ts";
import { bendvlm } from "./prompts/bendvlm.ts";
import type { Debiaser, DebiasData, Sides } from "./debiaser.ts";
import { checkEmbeddings, checkLabels } from "./embeddings.ts";
import { erasers } from "./erasers.ts";
import { ofLabels } from "./label-method.ts";
import type { DebiasMethod, FitOptions, Grid, Variant } from "./method.ts";
import { miDropCounts } from "./erasers/mi-drop.ts";
import { promptCalibrated } from "./prompts/prompt-calibrated.ts";
import { promptOrth } from "./prompts/prompt-orth.ts";
import { roboshot } from "./prompts/roboshot.ts";

export const methods = {
  leace: ofLabels(erasers.leace),
  "mean-difference": ofLabels(erasers["mean-difference"]),
  "pca-class": ofLabels(erasers["pca-class"], { sides: "both" }),
  "pca-pair": ofLabels(erasers["pca-pair"], { sides: "both", paired: true }),
  inlp: ofLabels(erasers.inlp),
  "mi-drop": ofLabels(erasers["mi-drop"], {
    sides: "both",
    grid: (d) => ({ alphas: [1], ks: miDropCounts(d) }),
  }),
  "prompt-orth": promptOrth,
  "prompt-calibrated": promptCalibrated,
  roboshot,
  bendvlm,
} as const satisfies Readonly<Record<string, DebiasMethod>>;
export type MethodName = keyof typeof methods;

/** What a caller may set for any method. */
export interface DebiasOptions extends Partial<FitOptions> {
  /** Default: the method's own. */
  readonly sides?: Sides;
  /** Scale rows back to unit length afterwards. Default true. */
  readonly renormalise?: boolean;
}

/** A method at one strength, ready to be applied. */
export interface DebiasCandidate {
  /** What was set, such as { alpha: 0.5, k: 2 }; empty where there is nothing to set. */
  readonly setting: Variant["setting"];
  readonly debiaser: Debiaser;
}

/**
 * The method at the strength that its source names, fitted on train rows.
 * @throws {EquiclipError} when the data lacks what the method needs, or cannot be fitted
 */
export function fitDebiaser(
  name: MethodName,
  data: DebiasData,
  options: DebiasOptions = {},
): Debiaser {
  const toDebiaser = debiaserOf(name, options);
  return toDebiaser(fit(name, data, options).standard);
}

/**
 * The method at every strength worth trying, gentlest first, from one fit: values of alpha and of the number of
 * directions k (or of `grid`), of lambda for `prompt-calibrated`; one candidate where the source leaves no choice.
 * To be chosen from on validation rows.
 * @throws {EquiclipError} when the data lacks what the method needs, or cannot be fitted
 */
export function candidates(
  name: MethodName,
  data: DebiasData,
  options: DebiasOptions = {},
  grid?: Grid,
): DebiasCandidate[] {
  const toDebiaser = debiaserOf(name, options);
  return fit(name, data, options)
    .strengths(grid)
    .map((variant) => ({ setting: variant.setting, debiaser: toDebiaser(variant) }));
}

function fit(name: MethodName, data: DebiasData, options: DebiasOptions) {
  const method: DebiasMethod = methods[name];
  checkData(name, method, data);
  const { together = "joint", neighbours = null } = options;
  return method.fit(data, { together, neighbours });
}

function debiaserOf(
  name: MethodName,
  { sides = methods[name].sides, renormalise = true }: DebiasOptions,
): (variant: Variant) => Debiaser {
  const method: DebiasMethod = methods[name];
  if (method.fixedSides && sides !== method.sides)
    throw new UsageError(
      `${name}: sides: changes ${method.sides} embeddings alone, received ${sides}; leave sides out or choose another method`,
    );
  return ({ erasers: chain, classText = null }) =>
    Object.freeze({
      method: name,
      image: sides === "text" ? [] : chain,
      text: sides === "image" ? [] : chain,
      classText,
      renormalise,
    });
}

/** @throws {EquiclipError} naming what the method needs and the data lacks */
function checkData(name: MethodName, { needs }: DebiasMethod, data: DebiasData): void {
  const { images, concepts, target, prompts } = data;
  if (needs.includes("labels")) {
    checkEmbeddings(images);
    if (concepts.length === 0)
      throw new UsageError(`${name}: expected at least one concept to remove, received none`);
    for (const labels of concepts) checkLabels(labels, images.n);
  }
  if (needs.includes("target")) checkLabels(target, images.n);
  if (!needs.includes("prompts")) return;
  if (prompts.length === 0 || prompts.length !== concepts.length)
    throw new UsageError(
      `${name}: expected prompts of each of ${concepts.length} concepts, received ${prompts.length}; write texts, or take meansAsPrompts where the model has no text side`,
    );
  for (const { spurious, candidates: texts, classes } of prompts)
    for (const rows of [spurious, texts, classes]) {
      checkEmbeddings(rows);
      if (rows.d !== images.d)
        throw new UsageError(
          `${name}: expected prompts of ${images.d} numbers, as the images have, received ${rows.d}; encode both with one model`,
        );
    }
}
