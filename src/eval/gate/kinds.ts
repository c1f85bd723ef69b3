/** @file The kinds of reports that can be judged, and what each one holds. */
import type { ReportFile } from "../report-file.ts";
import type { Comparison } from "../report/comparison.ts";
import type { Report } from "../report.ts";
import type { RetrievalReport } from "../retrieval/report.ts";
import { sitesOf } from "./classifier/sites.ts";
import { type Complain, lookUp } from "./lookup.ts";
import { retrievalSites } from "./retrieval.ts";
import type { Rule } from "./rules.ts";
import type { Site } from "./site.ts";

/** What was measured of one model. */
export interface Model {
  /** The numbers that a rule is about; complains about what is not there. */
  readonly sites: (rule: Rule, complain: Complain) => readonly Omit<Site, "method">[];
  readonly rows: number;
  readonly level: number;
  readonly minSupport: number;
  /** What must be the same in a baseline, in words. */
  readonly terms: Readonly<Record<string, string>>;
  /** Of a classifier: its whole report, for changes over the same rows. */
  readonly report?: Report;
}

/** The models of a report: as trained, and after each debiasing method. */
export interface Models {
  readonly trained: Model;
  readonly after: Readonly<Record<string, Model>>;
}

const measuredOf = ({ n, uncertainty }: Report | RetrievalReport) => ({
  rows: n,
  level: uncertainty.level,
  minSupport: uncertainty.minSupport,
});

const classifier = (report: Report): Model => ({
  ...measuredOf(report),
  sites: (rule, complain) => sitesOf(report, rule, complain),
  terms: {
    "kind of report": "evaluation",
    classes: report.classes.toSorted().join(", "),
    "positive class": report.positive ?? "none",
    "classes left out of gaps between classes":
      report.classGaps.excluding?.classes.toSorted().join(", ") ?? "none",
    "level of the intervals": `${report.uncertainty.level}`,
  },
  report,
});

const retriever = (report: RetrievalReport): Model => ({
  ...measuredOf(report),
  sites: (rule, complain) => retrievalSites(report, rule, complain),
  terms: {
    "kind of report": "retrieval",
    "level of the intervals": `${report.uncertainty.level}`,
  },
});

/** Add an entry to judge another kind of report. */
const KINDS: {
  readonly [S in ReportFile["schema"]]: (file: Extract<ReportFile, { schema: S }>) => Models;
} = {
  "equiclip.report/1": (report: Report) => ({ trained: classifier(report), after: {} }),
  "equiclip.comparison/1": ({ before, after }: Comparison) => ({
    trained: classifier(before),
    after: Object.fromEntries(
      Object.entries(after).map(([method, report]) => [method, classifier(report)]),
    ),
  }),
  "equiclip.retrieval/1": (report: RetrievalReport) => ({ trained: retriever(report), after: {} }),
};

export const modelsOf = (file: ReportFile): Models =>
  (KINDS[file.schema] as (file: ReportFile) => Models)(file);

/** The model that a rule is about; complains when there is no such method. */
export function modelOf(
  { trained, after }: Models,
  rule: Rule,
  complain: Complain,
): Model | undefined {
  if (rule.method === undefined) return trained;
  if (Object.keys(after).length > 0)
    return lookUp(after, rule.method, "method", ["method"], complain);
  complain(["method"], "the report is of one model, before any debiasing; leave method out");
  return undefined;
}
