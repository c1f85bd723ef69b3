/** @file A retrieval report on a terminal. */
import { list } from "../terminal/print.ts";
import { tableText } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { retrievalCaveats, retrievalFindings } from "./findings.ts";
import type { RetrievalRun } from "./model.ts";
import { isKeyMetric, metricTable, shareTable } from "./tables.ts";

/** Shares and metrics of every query and attribute, then what they say. */
export function retrievalText({ result }: RetrievalRun, terminal: Terminal): string {
  const { beyond, none } = retrievalFindings(result);
  const tables = Object.entries(result.queries).flatMap(([query, { attributes }]) =>
    Object.entries(attributes).flatMap(([name, of]) => [
      shareTable(query, name, of, result.ks),
      metricTable(query, name, of, isKeyMetric),
    ]),
  );
  return [
    ...tables.map((table) => tableText(table, terminal)),
    list([...(none === null ? beyond : [none]), ...retrievalCaveats(result)], terminal),
  ].join("\n\n");
}
