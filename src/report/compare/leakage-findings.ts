/** @file What probes still read off the embeddings, in sentences. */
import { named } from "../words.ts";
import { type MethodView, type TaskView, numberOf } from "./model.ts";
import { type CompareFinding, names, s } from "./phrases.ts";

/** So much better must a non-linear probe be to tell that a concept is only hidden from linear ones. */
const HIDDEN = 0.05;

/** A method that leaves more than this share of what a probe finds beyond chance leaves the concept. */
const LEFT = 0.5;

/** Concepts that stay, and concepts that are gone for linear probes alone. */
export const leakageFindings = ({ base, task, methods }: TaskView): CompareFinding[] =>
  task.concepts.flatMap((concept) => {
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
    return [
      ...say(
        left,
        `leave${s(left)} ${named(concept)} in the embeddings: a linear probe still finds more than half of what it finds in those of base beyond chance.`,
      ),
      ...say(
        hidden,
        `hide${s(hidden)} ${named(concept)} from a linear probe, but a nonlinear one still finds it better than that.`,
      ),
    ];
  });
