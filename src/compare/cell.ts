/** @file One cell: a method fitted on train, its candidate chosen on validation, measured on test once. */
import type { Predictions } from "../eval/predictions.ts";
import { EquiclipError, messageOf } from "../run/errors.ts";
import { chooseCandidate } from "./choose.ts";
import { measure } from "./measure.ts";
import { NotApplicable, type Recipe } from "./recipe.ts";
import { BASE, type CompareCell, isBaseline } from "./result.ts";
import { type Settings, type Stand, testedOf } from "./stand.ts";

/** A method by the name that tables have for it. */
export interface Method {
  readonly name: string;
  readonly recipe: Recipe;
}

export interface CellOutcome {
  readonly cell: CompareCell;
  /** Of test rows; null where there is no model. */
  readonly predictions: Predictions | null;
}

/** Never throws for what a method does: it has failed then, and the cell says why. */
export async function runCell(
  { name, recipe }: Method,
  place: { readonly task: string; readonly seed: number },
  open: () => Stand,
  { criteria }: Pick<Settings, "criteria">,
): Promise<CellOutcome> {
  const id = { task: place.task, method: name, seed: place.seed };
  try {
    const { context, test, task, evaluate, baselines, probe } = open();
    const baseline = name === BASE ? null : baselines[recipe.baseline ?? BASE];
    const [candidates, fitSeconds] = await timed(() => recipe.fit(context));
    const { candidate, ...choice } = chooseCandidate(
      candidates,
      baseline && baseline.candidate,
      context,
      criteria,
      evaluate,
    );
    // everything is chosen: from here on, and only here, test rows are used
    const [output, seconds] = await timed(() => candidate.predict(test));
    const tested = testedOf(task, test, output, evaluate);
    const x = candidate.embed?.(test) ?? (isBaseline(name) ? test.x : null);
    return {
      cell: {
        ...id,
        status: "done",
        ...choice,
        ...measure(tested, baseline && baseline.tested, evaluate),
        ...(x === null ? { leakage: null, utility: null } : probe(x)),
        cost: { fitSeconds, microsecondsPerRow: (1e6 * seconds) / test.rows.length },
        notes: [],
      },
      predictions: tested.predictions,
    };
  } catch (thrown) {
    const status = thrown instanceof NotApplicable ? "not-applicable" : "failed";
    return { cell: { ...id, status, reason: reasonOf(thrown) }, predictions: null };
  }
}

async function timed<T>(work: () => T | Promise<T>): Promise<[result: T, seconds: number]> {
  const started = performance.now();
  const result = await work();
  return [result, (performance.now() - started) / 1000];
}

/** A bug of a method keeps the place where it was. */
const reasonOf = (thrown: unknown): string =>
  thrown instanceof EquiclipError || !(thrown instanceof Error)
    ? messageOf(thrown)
    : [thrown.message, ...(thrown.stack?.split("\n").slice(1, 2) ?? [])].join(" ").trim();
