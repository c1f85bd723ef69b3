/** @file What a network says of images at the outputs beside its target. */
import type { Row } from "../../data/row.ts";
import type { Engine } from "../../engine/engine.ts";
import { input, reshape, softmax } from "../../graph/build.ts";
import { type AgeGroup, ageGroupOf } from "../../model/cnn/age-groups.ts";
import { classLogits, cnnGraph, numberOf } from "../../model/cnn/graph.ts";
import type { CnnModel } from "../../model/cnn/model.ts";
import { decodeNumber } from "../../model/cnn/numbers.ts";
import { ahead } from "../../run/ahead.ts";
import type { RowSource } from "../encoder.ts";
import { paramNodes } from "../network.ts";

/** Answers of every head, row by row: class probabilities [N, C], or what it learnt for a number [N, 1]. */
export async function headAnswers(
  engine: Engine,
  { config, weights }: Pick<CnnModel, "config" | "weights">,
  heads: readonly string[],
  rows: readonly number[],
  source: RowSource,
  batchSize: number,
): Promise<Readonly<Record<string, Float32Array>>> {
  const { size, channels } = config.input;
  const shape = [batchSize, channels, size, size];
  const pixels = input("pixels", shape);
  const graph = cnnGraph(config, paramNodes(weights), pixels, { kind: "eval" });
  const nodes = Object.fromEntries(
    heads.map((name) => {
      const head = config.heads[name]!;
      const z = graph.outputs[name]!;
      return [
        name,
        head.number ? reshape(numberOf(head, z), [batchSize, 1]) : softmax(classLogits(head, z)),
      ];
    }),
  );
  const store = await engine.store(Object.fromEntries(weights));
  const program = await engine.compile(nodes, store);
  try {
    const widths = heads.map((name) => nodes[name]!.shape[1]!);
    const answers = widths.map((width) => new Float32Array(rows.length * width));
    const chunks = Array.from({ length: Math.ceil(rows.length / batchSize) }, (_, i) =>
      rows.slice(i * batchSize, (i + 1) * batchSize),
    );
    const padded = new Float32Array(batchSize * channels * size * size);
    let done = 0;
    for await (const data of ahead(chunks, 2, source)) {
      padded.set(data);
      const found = await program.run({ pixels: { shape, data: padded } });
      const count = Math.min(batchSize, rows.length - done);
      heads.forEach((name, i) =>
        answers[i]!.set(
          (found[name]!.data as Float32Array).subarray(0, count * widths[i]!),
          done * widths[i]!,
        ),
      );
      done += count;
    }
    return Object.fromEntries(heads.map((name, i) => [name, answers[i]!]));
  } finally {
    await program.dispose();
    await store.dispose();
  }
}

/** A number that a head tells of rows. */
export type NumberAnswers =
  /** Mean absolute error in the number's own units. */
  | { readonly kind: "number"; readonly meanAbsoluteError: number }
  /** The share of rows put into their own group, and of those between the groups' bands. */
  | { readonly kind: "age-groups"; readonly accuracy: number; readonly unknown: number };

/** How well a head tells a number of rows. @param answers as `headAnswers` gives them */
export function judgeNumber(
  { config }: Pick<CnnModel, "config">,
  name: string,
  rows: readonly Row[],
  answers: Float32Array,
): NumberAnswers {
  const code = config.heads[name]!.number!;
  const told = Array.from(answers, (learnt) => decodeNumber(code, learnt));
  const truth = rows.map(({ numbers }) => numbers[name]!);
  const share = (is: (answer: number | AgeGroup, i: number) => boolean): number =>
    told.filter(is).length / told.length;
  if (code.code === "divided")
    return {
      kind: "number",
      meanAbsoluteError:
        told.reduce<number>((sum, answer, i) => sum + Math.abs((answer as number) - truth[i]!), 0) /
        told.length,
    };
  return {
    kind: "age-groups",
    accuracy: share((answer, i) => answer === ageGroupOf(truth[i]!)),
    unknown: share((answer) => answer === "Unknown"),
  };
}
