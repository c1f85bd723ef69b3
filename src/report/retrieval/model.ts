/** @file What every human form of a retrieval report is made from. */
import type { RetrievalReport } from "../../eval/retrieval/report.ts";
import type { RunFacts } from "../model.ts";

export interface RetrievalRun {
  readonly title: string;
  readonly run: RunFacts;
  readonly result: RetrievalReport;
}
