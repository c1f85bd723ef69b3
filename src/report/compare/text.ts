/** @file A comparison on a terminal: the tables of each task, then what they come to. */
import pc from "picocolors";
import type { CompareResult } from "../../compare/result.ts";
import { bullet, findingText } from "../terminal/findings.ts";
import { tableText } from "../terminal/table.ts";
import { type Terminal, printable } from "../terminal/terminal.ts";
import { compareFindings } from "./findings.ts";
import { type TaskView, taskTitle, viewsOf } from "./model.ts";
import { compareNotes } from "./notes.ts";
import { attributeTable, embeddingTable, verdictTable } from "./tables.ts";

export function compareText(result: CompareResult, terminal: Terminal): string {
  const views = viewsOf(result);
  return [
    ...views
      .flatMap((view) => [
        verdictTable(view),
        ...view.task.attributes.map((attribute) => attributeTable(view, attribute)),
        embeddingTable(view),
      ])
      .map((table) => tableText(table, terminal)),
    ...views.map((view) => findingsText(view, terminal)),
    ...compareNotes(result).map((note) => bullet("! ", note, terminal).join("\n")),
  ].join("\n\n");
}

const findingsText = (view: TaskView, terminal: Terminal): string =>
  [
    pc.createColors(terminal.color).bold(printable(taskTitle(view), terminal)),
    findingText(compareFindings(view), terminal),
  ].join("\n");
