/** @file The side of transformers.js: `transformers_side.js MODEL ROWS OUT`, MODEL exported as ONNX; its zero-shot pipeline in batches. */
import { readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { env, pipeline } from "@huggingface/transformers";
import type { Row } from "../../src/data/row.ts";
import { writePredictions } from "../../src/eval/predictions-csv.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { predictionsOf } from "../../src/train/predict.ts";
import { CLASSES, PROMPTS } from "../lib/splits.ts";

const BATCH = 32;
const [folder, table, out] = process.argv.slice(2) as [string, string, string];
env.localModelPath = dirname(folder);
env.allowRemoteModels = false;
const rows = JSON.parse(readFileSync(table, "utf8")) as Row[];
const classify = await pipeline("zero-shot-image-classification", basename(folder), {
  dtype: "fp32",
  session_options: { intraOpNumThreads: 2 },
});
const labels = Object.values(PROMPTS);
const scores = new Float32Array(rows.length * labels.length);
for (let from = 0; from < rows.length; from += BATCH) {
  const paths = rows.slice(from, from + BATCH).map(({ path }) => path);
  const answers = await classify(paths, labels, { hypothesis_template: "{}" });
  for (const [i, answer] of answers.entries())
    for (const { label, score } of answer)
      scores[(from + i) * labels.length + labels.findIndex((name) => name === label)] = score;
}
const task = { target: "style", classes: CLASSES, positive: CLASSES[1]!, attributes: ["tone"] };
const predictions = predictionsOf(task, rows, scores);
const { positive, attributes } = task;
writeFileSync(
  join(out, "report.json"),
  JSON.stringify(evaluate(predictions, { positive, attributes })),
);
await writePredictions(join(out, "predictions.csv"), predictions);
process.exit(0);
