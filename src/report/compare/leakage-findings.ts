/** @file What probes still read off the embeddings, in sentences. */
import { named } from "../words.ts";
import { type MethodView, type TaskView, numberOf } from "./model.ts";
import { type CompareFinding, names, s } from "./phrases.ts";

/** So much better must a non-linear probe be to tell that a concept is only hidden from linear ones. */
const HIDDEN = 0.05;

/** A method that leaves more than this share of what a probe finds beyond chance leaves the concept. */
const LEFT = 0.5;

/** Whether an alpha that only shrinks the concept was chosen in every seed. */
const shrinks = ({ result, task }: TaskView, { name }: MethodView): boolean => {
  const alphas = result.cells.flatMap((cell) =>
    cell.status === "done" && cell.task === task.id && cell.method === name
      ? Number(cell.trials[cell.chosen]!.setting["alpha"] ?? 1)
      : [],
  );
  return alphas.every((alpha) => alpha < 1);
};

/** Concepts that stay, and concepts that are gone for linear probes alone. */
export const leakageFindings = (view: TaskView): CompareFinding[] =>
  view.task.concepts.flatMap((concept) => {
    const { base, methods } = view;
    const linear = (of: MethodView) => numberOf(of, "leakage.linear", concept)?.mean ?? null;
    const [before, chance] = [linear(base), numberOf(base, "leakage.linear", concept)?.chance];
    if (before === null || chance == null) return [];
    const changing = methods.filter((of) => linear(of) !== null && linear(of) !== before);
    const isLeft = (of: MethodView): boolean => linear(of)! - chance > LEFT * (before - chance);
    const isHidden = (of: MethodView): boolean => {
      const nonlinear = numberOf(of, "leakage.nonlinear", concept)?.mean;
      return !isLeft(of) && nonlinear != null && nonlinear - linear(of)! > HIDDEN;
    };
    const say = (of: readonly MethodView[], text: string): CompareFinding[] =>
      of.length === 0 ? [] : [{ tone: "unclear", text: `${names(of)} ${text}` }];
    const [left, hidden] = [changing.filter(isLeft), changing.filter(isHidden)];
    const shrunk = left.filter((of) => shrinks(view, of));
    const whole = left.filter((of) => !shrunk.includes(of));
    return [
      ...say(
        shrunk,
        `leave${s(shrunk)} ${named(concept)} in the embeddings: the alpha below 1 that was chosen on validation shrinks it, which a linear probe undoes.`,
      ),
      ...say(
        whole,
        `leave${s(whole)} ${named(concept)} in the embeddings: a linear probe still finds more than half of what it finds in those of base beyond chance.`,
      ),
      ...say(
        hidden,
        `hide${s(hidden)} ${named(concept)} from a linear probe, but a nonlinear one still finds it better than that.`,
      ),
    ];
  });
