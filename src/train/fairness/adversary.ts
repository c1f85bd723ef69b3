/** @file An adversary that tells the group by the classifier's answers, which train against it. */
import {
  concat,
  input,
  linear,
  logSoftmax,
  mul,
  scaleGradient,
  silu,
  slice,
  softmax,
  sum,
} from "../../graph/build.ts";
import type { ParamSpec } from "../../model/param-spec.ts";
import type { Classified, Groups, LossTerm } from "./term.ts";

export interface AdversarySettings {
  /** How strongly the classifier trains against it, >= 0. */
  readonly weight: number;
  /** Hidden units, or null for a linear adversary. */
  readonly hidden: number | null;
  /** `target`: it is told the true class too, for equalized odds; `nothing`: demographic parity. */
  readonly given: "nothing" | "target";
}

/** What the adversary sees: probabilities, or each class's rows' probabilities in columns of their own beside the class. */
function seen({ logits, targets }: Classified, { given, weight }: AdversarySettings) {
  // of unbounded logits, its loss could be driven up without end
  const reversed = scaleGradient(softmax(logits), -weight);
  if (given === "nothing") return reversed;
  const classes = Array.from({ length: logits.shape[1]! }, (_, c) => c);
  const ofClass = (c: number) => mul(reversed, slice(targets, 1, c, c + 1)); // [B, C], zeros elsewhere
  return concat([targets, ...classes.map(ofClass)], 1); // [B, C + C^2]
}

const layer = (name: string, inputs: number, outputs: number): ParamSpec[] => [
  {
    name: `${name}.weight`,
    shape: [outputs, inputs],
    init: { kind: "normal", std: inputs ** -0.5 },
  },
  { name: `${name}.bias`, shape: [outputs], init: { kind: "constant", value: 0 } },
];

/**
 * The adversary's cross-entropy on the group. Its own gradient is that loss's; what flows back to the classifier is
 * multiplied by -weight: the gradient reversal of Ganin and Lempitsky 2015, on class probabilities and, for equalized
 * odds, the true class, which is what the adversary of Zhang, Lemoine and Mitchell 2018 sees (without their projection).
 * @param name of its parameters and inputs.
 */
export function adversaryTerm(
  name: string,
  { codes, count }: Groups,
  classes: number,
  settings: AdversarySettings,
): LossTerm {
  const { hidden, given } = settings;
  const width = given === "target" ? classes * (classes + 1) : classes;
  const targets = `${name}.groups`;
  return {
    params:
      hidden === null
        ? layer(`${name}.output`, width, count)
        : [...layer(`${name}.hidden`, width, hidden), ...layer(`${name}.output`, hidden, count)],
    state: [],
    loss: (batch) => {
      const dense = (part: string, x: Parameters<typeof linear>[0]) =>
        linear(x, batch.param(`${name}.${part}.weight`), batch.param(`${name}.${part}.bias`));
      const x = seen(batch, settings);
      const told = dense("output", hidden === null ? x : silu(dense("hidden", x))); // [B, K]
      const weighed = input(targets, told.shape);
      return { value: mul(sum(mul(weighed, logSoftmax(told))), -1), state: {} };
    },
    feeds: (rows, weights) => {
      const data = new Float32Array(rows.length * count);
      const known = rows.map((row, i) => (codes[row]! < 0 ? 0 : weights[i]!));
      const total = known.reduce((a, b) => a + b, 0);
      known.forEach((w, i) => w > 0 && (data[i * count + codes[rows[i]!]!] = w / total));
      return { [targets]: { shape: [rows.length, count], data } };
    },
  };
}
