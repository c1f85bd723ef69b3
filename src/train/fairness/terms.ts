/** @file The terms of a classifier's loss that a config asks for. */
import type { Row } from "../../data/row.ts";
import type { Config } from "../../run/config/schema.ts";
import { type Task, singleAttributes, truthOf } from "../predict.ts";
import { adversaryTerm } from "./adversary.ts";
import type { Aggregate } from "./aggregate.ts";
import { demographicParity } from "./demographic-parity.ts";
import { equalizedOdds } from "./equalized-odds.ts";
import { groupDroTerm } from "./group-dro.ts";
import { groupsOf } from "./groups.ts";
import { hsicTerm } from "./hsic.ts";
import { softRateTerm } from "./soft-rates.ts";
import { type Groups, type LossTerm, meanCrossEntropy } from "./term.ts";

/** The config's keys that say what a classifier's loss is. */
export type LossConfig = Pick<Config["train"], "fairness" | "robust">;
type Penalty = LossConfig["fairness"][number];
type Named<N extends Penalty["penalty"]> = Extract<Penalty, { penalty: N }>;

const aggregateOf = ({
  aggregate,
  temperature,
}: Named<"equalized-odds" | "demographic-parity">): Aggregate =>
  aggregate === "log-sum-exp" ? { kind: aggregate, temperature } : { kind: aggregate };

/** What a penalty is made of. */
interface Over {
  readonly name: string;
  readonly groups: Groups;
  readonly truth: Int32Array;
  readonly classes: number;
}
const penalties: {
  readonly [N in Penalty["penalty"]]: (settings: Named<N>, over: Over) => LossTerm;
} = {
  "equalized-odds": (settings, { name, groups, truth, classes }) =>
    softRateTerm(name, equalizedOdds(classes), groups, truth, {
      weight: settings.weight,
      aggregate: aggregateOf(settings),
    }),
  "demographic-parity": (settings, { name, groups, truth, classes }) =>
    softRateTerm(name, demographicParity(classes), groups, truth, {
      weight: settings.weight,
      aggregate: aggregateOf(settings),
    }),
  hsic: (settings, { name, groups, truth, classes }) =>
    hsicTerm(name, groups, truth, classes, settings),
  adversary: (settings, { name, groups, classes }) =>
    adversaryTerm(name, groups, classes, settings),
};
const penaltyTerm = <N extends Penalty["penalty"]>(settings: Named<N>, over: Over): LossTerm =>
  penalties[settings.penalty as N](settings, over);

/**
 * The loss as terms: the mean cross-entropy or group DRO, then each penalty over each of its attributes.
 * Throws UsageError for an attribute that no row has.
 */
export function lossTerms(
  { fairness, robust }: LossConfig,
  task: Task,
  rows: readonly Row[],
): LossTerm[] {
  const truth = truthOf(task, rows);
  const classes = task.classes.length;
  const terms = fairness.flatMap((settings, i) =>
    (settings.attributes ?? task.attributes).map((attribute, j) => {
      const groups = groupsOf(rows, attribute, `train.fairness[${i}].attributes`);
      return penaltyTerm(settings, { name: `fairness.${i}.${j}`, groups, truth, classes });
    }),
  );
  if (robust.method !== "group-dro") return [meanCrossEntropy, ...terms];
  const cells = [task.target, ...(robust.attributes ?? singleAttributes(task.attributes))];
  const groups = groupsOf(rows, [...new Set(cells)].join("*"), "train.robust.attributes");
  return [groupDroTerm("robust", groups, robust), ...terms];
}

/** What terms add beside a model. */
export const companionsOf = (terms: readonly LossTerm[]) => ({
  params: terms.flatMap(({ params }) => params),
  state: terms.flatMap(({ state }) => state),
});
