/** @file Orthogonal projection off the texts that name the concept. */
import { unitRows } from "../../run/linalg/embeddings.ts";
import type { Prompts } from "../debiaser.ts";
import type { Eraser } from "../eraser.ts";
import { byAlpha, type DebiasMethod } from "../method.ts";
import { removeSpan, stack, UNIT_ROW_FLOOR } from "../span.ts";

/**
 * P0 = I - A (A' A)^-1 A', the columns of A the spurious prompts of every concept, unit length: Chuang et al. 2023
 * (arXiv:2302.00070). By an orthonormal basis of their span, so collinear prompts are no trouble.
 */
export const spuriousProjection = (method: string, prompts: readonly Prompts[]): Eraser => {
  const rows = prompts.map(({ spurious }) => unitRows(spurious));
  return removeSpan(method, stack(rows), { floor: UNIT_ROW_FLOOR });
};

export const promptOrth: DebiasMethod = {
  summary: "projection off the texts that name the concept's classes",
  caveat:
    "removes what these texts have in common too; they need not point to where the images differ",
  needs: ["prompts"],
  sides: "text",
  fit: ({ prompts }) => byAlpha([spuriousProjection("prompt-orth", prompts)]),
};
