/** @file RoboShot: reject directions that texts say are harmful, accept those that they say are helpful. */
import { unitRows } from "../../run/linalg/embeddings.ts";
import type { DebiasData } from "../debiaser.ts";
import { createEraser, type Eraser } from "../eraser.ts";
import { asPublished, type DebiasMethod } from "../method.ts";
import { matchedDifferences } from "./differences.ts";
import { removeSpan, stack, UNIT_ROW_FLOOR } from "../span.ts";

/**
 * x' = (I + U U') (I - V V') x: Adila et al. 2023 (arXiv:2309.04344), algorithm 1. V is an orthonormal basis of the
 * harmful directions, the differences between texts of the concept's classes; U one of the helpful ones, the
 * differences between texts of the task's classes. As published U is not made orthogonal to V, so where the two share
 * a direction some of what was rejected comes back. (The published code scales to unit length after every direction;
 * each step is linear, so scaling once at the end is the same.)
 */
export const roboshot: DebiasMethod = {
  summary: "harmful directions between texts removed, helpful ones doubled",
  caveat:
    "doubles what the texts say tells the classes apart, also where that goes with the concept",
  needs: ["prompts"],
  sides: "image",
  fit: (data) => asPublished({ setting: {}, erasers: [harmful(data), accept(helpful(data))] }),
};

const harmful = ({ prompts }: DebiasData): Eraser =>
  removeSpan(
    "roboshot",
    stack(prompts.map(({ spurious }) => matchedDifferences(unitRows(spurious), spurious.labels))),
    { floor: UNIT_ROW_FLOOR },
  );

const helpful = ({ prompts }: DebiasData): Eraser => {
  const { classes } = prompts[0]!; // the task is one, whatever the concept
  const each = Int32Array.from({ length: classes.n }, (_, c) => c);
  return removeSpan("roboshot", matchedDifferences(unitRows(classes), each), {
    floor: UNIT_ROW_FLOOR,
  });
};

/** x + U U' x: what the projection would remove is added instead. */
const accept = ({ method, centre, read, write, share, k }: Eraser): Eraser =>
  createEraser(method, { centre, read, write: write.map((value) => -value), share }, k);
