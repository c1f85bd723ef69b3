/** @file What a report file holds: one of the machine forms, told apart by `schema`. */
import { z } from "zod";
import { Comparison } from "./report/comparison.ts";
import { Report } from "./report.ts";
import { RetrievalReport } from "./retrieval/report.ts";

export const ReportFile = z.discriminatedUnion("schema", [Report, Comparison, RetrievalReport]);
export type ReportFile = z.infer<typeof ReportFile>;
