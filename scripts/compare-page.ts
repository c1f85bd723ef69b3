/** @file docs/compare-config.md: what a comparison does, with every key of its config from the schema. */
import { CompareConfigSchema } from "../src/run/config/compare.ts";
import { keyTable } from "../src/run/config/reference.ts";

/** The whole page. */
export const comparePage = (): string =>
  `# Comparisons

Made from the schema by \`npm run docs\`; do not edit. The result is [compare.schema.json](compare.schema.json).

\`\`\`sh
equiclip compare configs/faceapi-compare.yaml              # folder compare-faceapi
equiclip compare configs/faceapi-compare.yaml --set seeds=2 --set 'methods=[leace, thresholds]' --out few
\`\`\`

A comparison is a matrix of methods x tasks x seeds. Every seed has one split, which all methods and tasks share: whole
clusters of near-duplicates lie on one side, and cells of target and sensitive attributes are divided alike.

A cell is one method with one task on the split of one seed:

1. The method is fitted on train rows, at every setting that it tries.
2. One setting is chosen on validation rows: the best in \`select.objective\` among those that meet every constraint and
   keep the accuracy of the baseline less \`select.maxAccuracyDrop\`. With none, that of least violation among those that
   keep the accuracy.
3. That one setting answers for the test rows, once. Methods and the choice are never given test rows; a test of ours
   changes them and finds the same choices.

Where a model has no text side, means of train rows stand in for prompts. [Reading a comparison](compare.md) explains the
tables: baselines, changes, leakage, verdicts.

## Folder

| file | contents |
| --- | --- |
| \`config.yaml\` | the config with every default filled in |
| \`cells/TASK.METHOD.seed-N.json\` | one cell: every setting on validation, the chosen one on test |
| \`predictions/TASK.METHOD.seed-N.csv\` | its answers for test rows, to measure again: \`equiclip eval --predictions\` |
| \`result.json\` | all of it, [described by a schema](compare.schema.json) |
| \`report.html\`, \`report.md\` | for people |
| \`summary.csv\`, \`cells.csv\` | for spreadsheets: a row a method and task, a row a cell |
| \`embeddings/\` | of images and prompts, where the config names a model |

The same command goes on where it was stopped: cells that are done are not computed again, those that failed are. Another
config or other data for the same folder is an error (exit code 2); \`--fresh\` starts again. A method that fails is
named with its reason and does not stop the others; the exit code is 1 when all fail.

## Keys

${keyTable(CompareConfigSchema)}
`;
