/** @file What other prompts made of the same images, one set a row. */
import { count } from "../format.ts";
import type { RunReport } from "../model.ts";
import { type Table, cell, left, right } from "./table.ts";
import { gapCell } from "./values.ts";

/** Null where no other prompts were asked for. */
export const promptSetTable = ({ promptSets = [] }: RunReport): Table | null =>
  promptSets.length === 0
    ? null
    : {
        title: "Other prompts",
        columns: [
          left("prompts"),
          left("tell"),
          right("rows"),
          right("accuracy"),
          right("balanced accuracy"),
          right("class.tpr_gap"),
        ],
        rows: promptSets.map(({ name, target, report: { n, overall, classGaps } }) => [
          cell(name, undefined, "strong"),
          cell(target),
          cell(count(n)),
          gapCell(overall.accuracy),
          gapCell(overall.balancedAccuracy),
          gapCell((classGaps.excluding?.gaps ?? classGaps.gaps)["class.tpr_gap"]!),
        ]),
        notes: promptSets.map(
          ({ name, prompts }) =>
            `${name}: ${Object.entries(prompts)
              .map(([label, texts]) => `${label} “${[texts].flat().join("”, “")}”`)
              .join("; ")}.`,
        ),
      };
