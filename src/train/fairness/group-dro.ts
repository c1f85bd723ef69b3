/** @file Group distributionally robust optimisation: the loss of the groups that do worst. */
import {
  add,
  constant,
  exp,
  input,
  logSoftmax,
  matmul,
  mul,
  reshape,
  stopGradient,
  sum,
} from "../../graph/build.ts";
import type { Groups, LossTerm } from "./term.ts";

export interface GroupDroSettings {
  /** Of the exponentiated gradient ascent on group weights, > 0; 0.01 in the paper. */
  readonly stepSize: number;
  /** C of the adjustment C / sqrt(n_g) of a group of n_g train rows, >= 0: small groups must be fitted better. */
  readonly adjustment: number;
}

/**
 * In place of the mean loss: sum over groups of q_g L_g, L_g the mean cross-entropy of a group's rows in the batch, after
 * q_g *= exp(stepSize (L_g + C / sqrt(n_g))) and normalisation. Groups without rows in the batch keep their share. Sagawa
 * et al. 2020, "Distributionally robust neural networks for group shifts", algorithm 1 and section 3.3.
 * @param name of its inputs and state, ln q. @param groups cells of target and attributes.
 */
export function groupDroTerm(
  name: string,
  { codes, count }: Groups,
  { stepSize, adjustment }: GroupDroSettings,
): LossTerm {
  const state = `${name}.logWeights`;
  const sizes = new Float64Array(count);
  for (const code of codes) if (code >= 0) sizes[code]!++;
  const adjustments = Array.from(sizes, (n) => (n > 0 ? adjustment / Math.sqrt(n) : 0));
  return {
    params: [],
    state: [{ name: state, shape: [count], init: { kind: "constant", value: -Math.log(count) } }],
    loss: ({ logits, targets, param }) => {
      const batch = logits.shape[0]!;
      const rows = mul(sum(mul(targets, logSoftmax(logits)), [1]), -1); // [B]
      const averaging = input(`${name}.averaging`, [count, batch]);
      const losses = reshape(matmul(averaging, reshape(rows, [batch, 1])), [count]);
      const present = input(`${name}.present`, [count]);
      const judged = add(losses, mul(present, constant(adjustments, [count])));
      const weights = logSoftmax(add(param(state), mul(stopGradient(judged), stepSize)));
      return { value: sum(mul(exp(weights), losses)), state: { [state]: weights } };
    },
    feeds: (rows, weights) => {
      const totals = new Float64Array(count);
      const known = rows.map((row, i) => (codes[row]! < 0 ? 0 : weights[i]!));
      known.forEach((w, i) => w > 0 && (totals[codes[rows[i]!]!]! += w));
      const averaging = new Float32Array(count * rows.length);
      known.forEach((w, i) => {
        const group = codes[rows[i]!]!;
        if (w > 0) averaging[group * rows.length + i] = w / totals[group]!;
      });
      const present = Float32Array.from(totals, (total) => (total > 0 ? 1 : 0));
      return {
        [`${name}.averaging`]: { shape: [count, rows.length], data: averaging },
        [`${name}.present`]: { shape: [count], data: present },
      };
    },
  };
}
