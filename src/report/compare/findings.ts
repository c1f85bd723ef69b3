/** @file What a comparison comes to, in plain sentences: what helps, what does nothing, what harms, what it takes. */
import type { Outcome } from "../../compare/outcome.ts";
import { decimal, signed } from "../format.ts";
import { named } from "../words.ts";
import { leakageFindings } from "./leakage-findings.ts";
import { type MethodView, type TaskView, numberOf } from "./model.ts";
import { type CompareFinding, listed, names, s } from "./phrases.ts";

/** A change that no table would show. */
const NOTHING = 0.0005;
/** A method that leaves less than this share of what base knows of the target beyond chance erases the task. */
const ERASED = 0.5;

/** Something to say of some of the methods. */
interface Saying {
  readonly tone: CompareFinding["tone"];
  readonly of: (method: MethodView, view: TaskView) => boolean;
  readonly text: (methods: readonly MethodView[], view: TaskView) => string;
}

const withOutcome =
  (outcome: Outcome): Saying["of"] =>
  (method) =>
    method.outcome === outcome && !doesNothing(method);

/** In the order in which they are read. */
const SAYINGS: readonly Saying[] = [
  {
    tone: "better",
    of: withOutcome("fairer, accuracy kept"),
    text: (of, view) => `Fairer, accuracy kept: ${each(of, gapsOf(view))}.`,
  },
  {
    tone: "better",
    of: withOutcome("fairer, accuracy unclear"),
    text: (of, view) => `Fairer, accuracy may be lost: ${each(of, [ACCURACY, ...gapsOf(view)])}.`,
  },
  {
    tone: "worse",
    of: withOutcome("fairer, accuracy lost"),
    text: (of, view) => `Fairer at the cost of accuracy: ${each(of, [ACCURACY, ...gapsOf(view)])}.`,
  },
  {
    tone: "worse",
    of: withOutcome("fairer and less fair"),
    text: (of, view) => `Fairer by one attribute, less fair by another: ${each(of, gapsOf(view))}.`,
  },
  {
    tone: "worse",
    of: withOutcome("worse"),
    text: (of, view) => `Worse than no debiasing: ${each(of, [ACCURACY, ...gapsOf(view)])}.`,
  },
  {
    tone: "worse",
    of: erasesTask,
    text: (of, { task }) =>
      `${names(of)} erase${s(of)} the task itself: less than half of what base knows of ${named(task.target)} beyond chance is left.`,
  },
  {
    tone: "unclear",
    of: withOutcome("no evidence"),
    text: (of) => `No evidence of any change in eo.max or of lost accuracy: ${names(of)}.`,
  },
  {
    tone: "unclear",
    of: ({ outcome, ...method }) => outcome !== null && doesNothing(method),
    text: (of) =>
      `${names(of)} do${of.length === 1 ? "es" : ""} nothing: no number of the test rows changes.`,
  },
];

/** What a method takes, and what became of its seeds. */
const CONDITIONS: readonly Saying[] = [
  {
    tone: "muted",
    of: ({ groupAtInference, seeds }) => groupAtInference && seeds > 0,
    text: (of) => `${names(of)} must be told the group of a person to classify them.`,
  },
  {
    tone: "muted",
    of: ({ feasible, seeds }) => feasible < seeds,
    text: (of) =>
      `Infeasible on validation, so that the setting nearest to the limits was taken: ${listed(
        of.map(
          ({ name, feasible, seeds }) => `${named(name)} in ${seeds - feasible} of ${seeds} seeds`,
        ),
      )}.`,
  },
];

/** The sentences on one task, good news first. */
export function compareFindings(view: TaskView): CompareFinding[] {
  const say = ({ tone, of, text }: Saying): CompareFinding[] => {
    const methods = view.methods.filter((method) => of(method, view));
    return methods.length === 0 ? [] : [{ tone, text: text(methods, view) }];
  };
  return [
    ...SAYINGS.flatMap(say),
    ...leakageFindings(view),
    ...CONDITIONS.flatMap(say),
    ...view.methods.flatMap(({ name, problems }) =>
      problems.map((text): CompareFinding => ({
        tone: "muted",
        text: `${named(name)} did not run: ${text}`,
      })),
    ),
  ];
}

/** A number that a sentence may give. */
interface Given {
  readonly metric: "accuracy" | "eo.max";
  readonly attribute: string | null;
}
const ACCURACY: Given = { metric: "accuracy", attribute: null };
const gapsOf = ({ task }: TaskView): Given[] =>
  task.attributes.map((attribute) => ({ metric: "eo.max", attribute }));

/** "leace (eo.max by race -0.071 to 0.079)": the changes for which there is evidence. */
const each = (of: readonly MethodView[], given: readonly Given[]): string =>
  listed(
    of.map((method) => {
      const changes = given.flatMap(({ metric, attribute }) => {
        const number = numberOf(method, metric, attribute);
        return number?.mean != null && number.change && number.change.verdict !== "no evidence"
          ? [
              `${metric}${attribute === null ? "" : ` by ${attribute}`} ${signed(number.change.mean)} to ${decimal(number.mean)}`,
            ]
          : [];
      });
      return `${named(method.name)}${changes.length === 0 ? "" : ` (${changes.join(", ")})`}`;
    }),
  );

const doesNothing = ({ numbers }: Pick<MethodView, "numbers">): boolean =>
  numbers.every(({ change }) => change === null || Math.abs(change.mean) < NOTHING);

function erasesTask(method: MethodView, { base, task }: TaskView): boolean {
  const chance = 1 / task.classes.length;
  const [before, after] = [base, method].map((of) => numberOf(of, "balanced_accuracy", null)?.mean);
  return before != null && after != null && after - chance < ERASED * (before - chance);
}
