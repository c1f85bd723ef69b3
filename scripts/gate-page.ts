/** @file docs/gate.md: what the rules of a gate mean, with every key from their schema. */
import { GATE_SCHEMA, GateResult } from "../src/eval/gate/result.ts";
import { GateRules } from "../src/eval/gate/rules.ts";
import { fieldTable, keyTable } from "../src/run/config/reference.ts";

/** The whole page. */
export const gatePage = (): string =>
  `# Gate

Made from the schema by \`npm run docs\`; do not edit. How to run it in CI: [ci.md](ci.md).

\`\`\`sh
equiclip eval --predictions p.csv --truth y --predicted yhat --groups race --id id --out new
equiclip gate init new                  # writes gate.yaml, commented, to start from
equiclip gate new                       # judges new/report.json by gate.yaml
equiclip gate new --baseline old        # rules on changes, too
\`\`\`

\`\`\`yaml
rules:
  - { metric: eo.max, attribute: race, max: 0.10, bound: ci, min_support: 30 }
  - { metric: tpr, attribute: race, groups: [black, white], min: 0.80 } # a rate: of each of these groups
  - { metric: accuracy, min: 0.85 } # without an attribute: of all rows
  - { metric: eo.max, attribute: race, max_increase: 0.02 } # since the baseline
\`\`\`

## Rules

An unknown key, metric, attribute, group, class or method is an error (exit code 2) that says what there is, never a
pass; so is a rule that nothing in the report belongs to, and a limit on the good side alone (\`max\` on \`di\`).

${keyTable(GateRules)}

- A gap without an attribute is judged for every attribute; a rate without one, over all rows; a rate with one, for
  every group. Each of them is a check of its own.
- A report of more than two classes has its gaps over all of them, as \`eo.max.worst\` and \`eo.max.macro\`;
  \`eo.max\` with \`classes\` is that of each class against the rest.
- A report with a reference group (\`eval --reference race=white\`) has \`reference.RATE.difference\` and
  \`reference.RATE.ratio\` of every other group, \`reference.averageOdds\` and, without an interval,
  \`reference.averageAbsoluteOdds\`.
- \`class.*\` is between the target's classes, without those that the report excludes.
- Metrics named \`compat.*\` cannot be judged: they are not what they are named after.

## Verdicts

| bound | PASS | FAIL | INSUFFICIENT |
| --- | --- | --- | --- |
| \`ci\` | the whole interval is within the limits | all of it is beyond a limit | else: either may be true |
| \`point\` | the value is within | it is not | |
| \`upper\` | the upper end of the interval is within | it is not | |
| \`lower\` | the lower end of the interval is within | it is not | |

\`upper\` and \`lower\` are that end, whichever way is better. \`max\` with \`upper\`, and \`min\` with \`lower\`, pass
only on evidence that the limit is kept; \`max\` with \`lower\`, and \`min\` with \`upper\`, fail only on evidence that
it is not. \`ci\`, the default, is both at once. A limit is kept by its own value, and no limit is broken by float error
(1e-9).

INSUFFICIENT is also, whatever the bound:

- an undefined value (no positives in a group), with its reason;
- a bound that needs an interval where there is none: measure with bootstrap replicates;
- too little support: a rate that the number is made of rests on fewer than \`min_support\` rows in some group, even one
  that a gap leaves out because its rate is undefined there. A gap of TPRs needs that many positives in every group.

The whole is FAIL if a check is, else INSUFFICIENT if one is, else PASS. Exit codes: 0 PASS, 3 FAIL, 4 INSUFFICIENT,
2 for what cannot be judged.

## Against a baseline

\`max_increase\` and \`max_decrease\` limit \`value - baseline\`; bounds and support hold for that change, and for both
reports. The baseline must have the same classes, positive class, level and, for the rule's metric, attributes; a group
that only one of them has makes the check INSUFFICIENT.

- **Paired**: both reports name their rows (\`--id\`, or a trained run), the files lie beside them unchanged (sha256), and
  they hold the same ids with the same truth, weight and groups, in any order. Both models' rows are then resampled
  together, so what both get wrong alike does not widen the interval. The same model has changed by exactly 0; other
  models that agree on all n rows of a group may differ on others, in a share below 1 - 0.025^(1/n) (Clopper and Pearson).
- **Unpaired**, and said why: the two intervals are combined as those of independent estimates (MOVER: Zou and Donner
  2008, Statistics in Medicine 27, 1693-1702). For the same people this is too wide, never too narrow, unless the models
  tend to be right where the other is wrong.

## Result

\`--json\` prints the machine form, schema \`${GATE_SCHEMA}\`:

${fieldTable(GateResult)}
`;
