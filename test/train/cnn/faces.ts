/** @file Convolutional networks on the drawn faces of faces.ts. */
import type { Row } from "../../../src/data/row.ts";
import type { CnnModel } from "../../../src/model/cnn/model.ts";
import { parseConfig } from "../../../src/run/config/load.ts";
import type { Config } from "../../../src/run/config/schema.ts";
import { startCnn } from "../../../src/train/cnn/start.ts";
import { task } from "../faces.ts";

/** A config of `task` for a network; `settings` are `key.path=value`. */
export const networkConfig = (from: string, ...settings: readonly string[]): Config =>
  parseConfig(
    "test.yaml",
    `
name: test
seed: 3
data: { source: synthetic, target: style, positive: rounded, sensitive: [tone] }
model: { from: "${from}" }
train: { epochs: 2, batchSize: 32, lr: 1.0e-3, optimizer: { name: adam } }
evaluate: { bootstrap: 20, batchSize: 20 }
`,
    settings,
  );

export const startOf = (
  config: Config,
  rows: readonly Row[],
  say: (line: string) => void = () => {},
): Promise<CnnModel> => startCnn(config, task, rows, say);
