/** @file What a network says beside its target, one output a row; of numbers, by group too. */
import { count } from "../format.ts";
import type { NumberOutput, RunReport } from "../model.ts";
import { type Table, cell, left, right } from "./table.ts";
import { gapCell } from "./values.ts";

const isNumber = (output: { readonly kind: string }): output is NumberOutput =>
  output.kind !== "classes";

const measured = (of: NumberOutput | NumberOutput["groups"][number]): string =>
  of.kind === "number"
    ? `${of.meanAbsoluteError.toFixed(2)} off (mean)`
    : `${(100 * of.accuracy).toFixed(1)}% in their group, ${(100 * of.unknown).toFixed(1)}% between groups`;

/** Null where there is no other output. */
export const outputTable = ({ outputs = [] }: RunReport): Table | null =>
  outputs.length === 0
    ? null
    : {
        title: "Other outputs",
        columns: [
          left("output"),
          left("rows of"),
          right("rows"),
          right("accuracy, or error"),
          right("balanced accuracy"),
        ],
        rows: outputs.flatMap((output) =>
          isNumber(output)
            ? [
                [
                  cell(output.name, undefined, "strong"),
                  cell("all"),
                  cell(count(output.rows)),
                  cell(measured(output)),
                  cell(""),
                ],
                ...output.groups.map((group) => [
                  cell(""),
                  cell(`${group.attribute} ${group.group}`),
                  cell(count(group.rows)),
                  cell(measured(group)),
                  cell(""),
                ]),
              ]
            : [
                [
                  cell(output.name, undefined, "strong"),
                  cell("all"),
                  cell(count(output.rows)),
                  gapCell(output.report.overall.accuracy),
                  gapCell(output.report.overall.balancedAccuracy),
                ],
              ],
        ),
        notes: outputs.flatMap((output) =>
          isNumber(output)
            ? []
            : [`${output.name}: its gaps and its report are in the folder output-${output.name}.`],
        ),
      };
