/** @file A convolutional network layer by layer. */
import type { NetworkSummary } from "../../model/cnn/summary.ts";
import { count } from "../format.ts";
import { type Table, cell, left, right } from "./table.ts";

const numberOf = (parameters: number): string => (parameters === 0 ? "" : count(parameters));

/** Networks one under the other, with what they take and how large they are. */
export const networksTable = (
  networks: readonly { readonly summary: NetworkSummary; readonly about: string }[],
): Table => ({
  title: "Convolutional networks",
  columns: [left("name"), left("what"), right("input"), right("parameters")],
  rows: networks.map(({ summary, about }) => [
    cell(`cnn:${summary.architecture}`, undefined, "strong"),
    cell(about),
    cell(summary.input),
    cell(count(summary.parameters)),
  ]),
  notes: [],
});

/** Every layer of the trunk and of each head, with its output and parameters, and their totals. */
export function networkTable({
  architecture,
  input,
  parts,
  parameters,
  buffers,
  flaws,
}: NetworkSummary): Table {
  return {
    title: `cnn:${architecture}, images of ${input}`,
    columns: [left("layer"), left("what"), right("output"), right("parameters")],
    rows: [
      ...parts.flatMap(({ head, output, rows, parameters: own }) => [
        ...rows.map((row) => [
          cell(row.within === null ? row.name : `  ${row.name}`),
          cell(row.what),
          cell(row.output),
          cell(numberOf(row.parameters)),
        ]),
        [
          cell(head ?? "trunk", undefined, "strong"),
          cell(output ?? ""),
          cell(""),
          cell(count(own), undefined, "strong"),
        ],
      ]),
      [
        cell("all", undefined, "strong"),
        cell(""),
        cell(""),
        cell(count(parameters), undefined, "strong"),
      ],
    ],
    notes: [
      ...(buffers > 0
        ? [`Besides, ${count(buffers)} running statistics, which follow the batches.`]
        : []),
      ...flaws.map((flaw) => `Published flaw, asked for: ${flaw}.`),
    ],
  };
}
