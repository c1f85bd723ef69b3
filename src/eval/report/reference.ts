/** @file Every group against one group. */
import { z } from "zod";
import { RATE_NAMES } from "../metrics/rates.ts";
import { Estimate } from "./values.ts";

/** One group's rates against the reference group's: `rate - reference`, `rate / reference`. */
export const Against = z
  .object({
    rates: z.record(z.enum(RATE_NAMES), z.object({ difference: Estimate, ratio: Estimate })),
    averageOdds: Estimate.describe(
      "Mean of the TPR and FPR differences, signed: AIF360's average odds difference.",
    ),
    averageAbsoluteOdds: Estimate.describe("Mean of their sizes, which has no interval."),
  })
  .meta({ id: "Against" });
export type Against = z.infer<typeof Against>;

/** Every group against one group. Intervals are MOVER's, for groups that share no row. */
export const Reference = z
  .object({
    group: z.string(),
    groups: z.record(z.string(), Against),
    others: Against.describe("All other groups together, as AIF360's unprivileged group."),
  })
  .meta({ id: "Reference" });
export type Reference = z.infer<typeof Reference>;
