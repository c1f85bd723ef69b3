/** @file What a comparison comes to, in plain sentences: what helps, what does nothing, what harms, what it takes. */
import type { Outcome } from "../../compare/outcome.ts";
import { BASE } from "../../compare/result.ts";
import { decimal, metricOf, signed } from "../format.ts";
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
  /** @param baseline of all these methods */
  readonly text: (methods: readonly MethodView[], view: TaskView, baseline: string) => string;
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
    text: (of, view, baseline) =>
      `Fairer than ${baseline}, accuracy kept: ${each(of, gapsOf(view))}.`,
  },
  {
    tone: "better",
    of: withOutcome("fairer, accuracy unclear"),
    text: (of, view, baseline) =>
      `Fairer than ${baseline}, accuracy may be lost: ${each(of, [ACCURACY, ...gapsOf(view)])}.`,
  },
  {
    tone: "worse",
    of: withOutcome("fairer, accuracy lost"),
    text: (of, view, baseline) =>
      `Fairer than ${baseline} at the cost of accuracy: ${each(of, [ACCURACY, ...gapsOf(view)])}.`,
  },
  {
    tone: "worse",
    of: withOutcome("fairer and less fair"),
    text: (of, view, baseline) =>
      `Fairer than ${baseline} by one attribute, less fair by another: ${each(of, gapsOf(view))}.`,
  },
  {
    tone: "worse",
    of: withOutcome("worse"),
    text: (of, view, baseline) =>
      `Worse than ${baseline}: ${each(of, [ACCURACY, ...gapsOf(view)])}.`,
  },
  {
    tone: "worse",
    of: erasesTask,
    text: (of, { task }) =>
      `${names(of)} erase${s(of)} the task itself: of what could be told of ${named(task.target)} beyond chance, less than half is left.`,
  },
  {
    tone: "unclear",
    of: withOutcome("no evidence"),
    text: (of, _, baseline) =>
      `No evidence of a change in eo.max or of lost accuracy against ${baseline}: ${names(of)}.`,
  },
  {
    tone: "unclear",
    of: (method, view) =>
      method.outcome === "no evidence" &&
      given(method, [ACCURACY, ...gapsOf(view)], isHint).length > 0,
    text: (of, view, baseline) =>
      `Hints of a change against ${baseline}, not enough after the correction for ${view.methods.length} methods; more seeds would tell: ${each(of, [ACCURACY, ...gapsOf(view)], isHint)}.`,
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
    of: ({ feasible, seeds }) => seeds > 0 && feasible === 0,
    text: (of) =>
      `Infeasible on validation in every seed, so that the setting nearest to the limits was taken: ${names(of)}.`,
  },
  {
    tone: "muted",
    of: ({ feasible, seeds }) => feasible > 0 && feasible < seeds,
    text: (of) =>
      `Infeasible on validation in some seeds: ${listed(
        of.map(({ name, feasible, seeds }) => `${named(name)} (${seeds - feasible} of ${seeds})`),
      )}.`,
  },
];

/** The sentences on one task, good news first. */
export function compareFindings(view: TaskView): CompareFinding[] {
  const say = ({ tone, of, text }: Saying, baseline: string, methods = view.methods) => {
    const said = methods.filter((method) => of(method, view));
    return said.length === 0 ? [] : [{ tone, text: text(said, view, baseline) }];
  };
  return [
    ...SAYINGS.flatMap((saying) =>
      view.baselines.flatMap(({ name }) =>
        say(
          saying,
          name,
          view.methods.filter(({ baseline }) => baseline === name),
        ),
      ),
    ),
    ...baselineFinding(view),
    ...leakageFindings(view),
    ...CONDITIONS.flatMap((saying) => say(saying, BASE)),
    ...view.methods.flatMap(({ name, problems }) =>
      problems.map((text): CompareFinding => ({
        tone: "muted",
        text: `${named(name)} did not run: ${text}`,
      })),
    ),
  ];
}

/** Methods that start from a worse classifier are not to be taken for better ones. */
function baselineFinding(view: TaskView): CompareFinding[] {
  const { base, baselines, methods } = view;
  return baselines.flatMap((baseline): CompareFinding[] => {
    const of = methods.filter((method) => method.baseline === baseline.name && method.seeds > 0);
    if (baseline === base || of.length === 0) return [];
    const told = (method: MethodView): string =>
      [ACCURACY, ...gapsOf(view)]
        .flatMap((given) => {
          const mean = numberOf(method, given.metric, given.attribute)?.mean;
          return mean == null
            ? []
            : [`${metricOf(given.metric, given.attribute)} ${decimal(mean)}`];
        })
        .join(", ");
    return [
      {
        tone: "unclear",
        text: `${names(of)} start${s(of)} from ${baseline.name} (${told(baseline)}) and ${of.length === 1 ? "is" : "are"} compared with it, not with base, a head fitted on the embeddings (${told(base)}).`,
      },
    ];
  });
}

/** A number that a sentence may give. */
interface Given {
  readonly metric: "accuracy" | "eo.max";
  readonly attribute: string | null;
}
const ACCURACY: Given = { metric: "accuracy", attribute: null };
const gapsOf = ({ task }: TaskView): Given[] =>
  task.attributes.map((attribute) => ({ metric: "eo.max", attribute }));

type Change = NonNullable<MethodView["numbers"][number]["change"]>;
const isEvidence = ({ verdict }: Change): boolean => verdict !== "no evidence";
/** An interval that leaves out 0, which one of many may do by chance. */
const isHint = ({ verdict, interval }: Change): boolean =>
  verdict === "no evidence" && interval !== null && (interval[0] > 0 || interval[1] < 0);

/** "eo.max by race -0.071 to 0.079": the changes of a kind. */
const given = (
  method: MethodView,
  asked: readonly Given[],
  isKind: (change: Change) => boolean,
): string[] =>
  asked.flatMap(({ metric, attribute }) => {
    const number = numberOf(method, metric, attribute);
    return number?.mean != null && number.change && isKind(number.change)
      ? [`${metricOf(metric, attribute)} ${signed(number.change.mean)} to ${decimal(number.mean)}`]
      : [];
  });

/** "leace (eo.max by race -0.071 to 0.079)": each method with its changes for which there is evidence. */
const each = (of: readonly MethodView[], asked: readonly Given[], isKind = isEvidence): string =>
  listed(
    of.map((method) => {
      const changes = given(method, asked, isKind);
      return `${named(method.name)}${changes.length === 0 ? "" : ` (${changes.join(", ")})`}`;
    }),
  );

const doesNothing = ({ numbers }: Pick<MethodView, "numbers">): boolean =>
  numbers.every(({ change }) => change === null || Math.abs(change.mean) < NOTHING);

function erasesTask(method: MethodView, { baselines, task }: TaskView): boolean {
  const chance = 1 / task.classes.length;
  const [before, after] = [baselines.find(({ name }) => name === method.baseline)!, method].map(
    (of) => numberOf(of, "balanced_accuracy", null)?.mean,
  );
  return before != null && after != null && after - chance < ERASED * (before - chance);
}
