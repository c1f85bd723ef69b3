/** @file What is told of an exploration, in order: each part once, for page, Markdown and terminal. */
import type {
  ClusteringResult,
  DriftResult,
  ExploreResult,
  SpaceResult,
} from "../../explore/result.ts";
import type { Table } from "../tables/table.ts";
import { isOfEncoder } from "./findings.ts";
import {
  type NamedChart,
  clusteringCharts,
  cosineCharts,
  driftCharts,
  recognitionCharts,
} from "./charts-of.ts";
import type { QueryAudit } from "../../explore/audit/query.ts";
import { isKeyMetric, metricTable, shareTable } from "../retrieval/tables.ts";
import {
  associationTable,
  changeTable,
  compositionTable,
  correctedTable,
  dominanceTable,
  queryChangeTable,
  recallTable,
} from "./tables/audit.ts";
import {
  controlTable,
  diversityTable,
  explainedTable,
  labelled,
  namesTable,
  nearnessTable,
  termsTable,
  wordListTable,
  wordsTable,
} from "./tables/audit-content.ts";
import { planTable } from "./tables/audit-plan.ts";
import {
  categoryTables,
  comparisonTable,
  matchTable,
  missingTable,
  pairTable,
  summaryTable,
  supportTable,
} from "./tables/drift.ts";
import {
  borderMaskTable,
  encoderTable as recognitionTable,
  heldOutTable,
  robustnessTable,
} from "./recognition-tables.ts";
import {
  agreementTable,
  alikeTable,
  claimTable,
  clusteringTable,
  cosineTable,
  duplicateTable,
  encoderTable,
  mapTable,
} from "./tables/spaces.ts";
import { gapTables, strongestTable } from "./tables/text-association.ts";

export interface Part {
  readonly id: string;
  readonly title: string;
  /** Of rows held out and changed: on the page and in Markdown alone. */
  readonly isDetail?: boolean;
  readonly tables: readonly Table[];
  /** On the page and in Markdown, and not on the terminal. */
  readonly more?: readonly Table[];
  /** Behind a line that opens them. */
  readonly folded: readonly { readonly summary: string; readonly tables: readonly Table[] }[];
  readonly charts: readonly NamedChart[];
}

const titled = (table: Table, of: string): Table => ({ ...table, title: `${table.title}: ${of}` });

const there = (...tables: readonly (Table | null)[]): Table[] =>
  tables.filter((table) => table !== null);

export function partsOf(result: ExploreResult): Part[] {
  const { spaces, ids } = result;
  const moved = spaces.flatMap(({ name, robustness }) =>
    robustness ? [{ name, robustness }] : [],
  );
  const borders = spaces.flatMap(({ name, borders: of }) => (of ? [heldOutTable(name, of)] : []));
  const isGroup = (name: string): boolean =>
    result.groups.some(({ attribute }) => attribute === name);
  const asked = spaces.flatMap(({ queries, clusterings }) =>
    queries ? [queryTables(queries, clusterings[0] ?? null, isGroup)] : [],
  );
  const linked = spaces.flatMap(({ name, associations }) =>
    associations && associations.found.length > 0 ? [{ name, ...associations }] : [],
  );
  const named = (table: Table, space: string): Table =>
    linked.length > 1 ? titled(table, space) : table;
  const parts: Part[] = [
    ...(result.drift ? [driftPart(result.drift)] : []),
    ...spaces.flatMap((space, s) =>
      space.clusterings.map((clustering, c) => ({
        ...clusteringPart(space, clustering, `${s}-${c}`),
        isDetail: !isOfEncoder(result, space),
      })),
    ),
    {
      id: "queries",
      title: "Queries",
      tables: asked.flatMap(({ key }) => key),
      more: asked.flatMap(({ more }) => more),
      folded: [],
      charts: [],
    },
    {
      id: "associations",
      title: "Texts and groups",
      tables: linked.map((of) => named(strongestTable(of), of.name)),
      more: linked.flatMap(({ name, found }) =>
        gapTables(found).map((table) => named(table, name)),
      ),
      folded: [],
      charts: [],
    },
    {
      id: "neighbours",
      title: "Neighbours and borders",
      tables: there(
        claimTable(result),
        ...spaces.map((space) => cosineTable(space, ids)),
        ...spaces.map(alikeTable),
        ...result.groups.map(({ attribute }) => recognitionOf(result, attribute)),
        moved.length > 0 ? robustnessTable(moved) : null,
        result.borderMask && borderMaskTable(result.borderMask),
        duplicateTable(result),
      ),
      folded: borders.length > 0 ? [{ summary: "Held-out rows by label", tables: borders }] : [],
      charts: spaces.flatMap((space) => [...cosineCharts(space, ids), ...recognitionCharts(space)]),
    },
    {
      id: "changes",
      title: "Before and after",
      tables: there(
        agreementTable(result),
        ...result.changes.flatMap(({ before, after, clustering, changes, queries }) => [
          ...changes.map((change) =>
            titled(changeTable(change), `${clustering}, ${before} → ${after}`),
          ),
          ...queries.map((change) => titled(queryChangeTable(change), `${before} → ${after}`)),
        ]),
      ),
      folded: [],
      charts: [],
    },
    {
      id: "plan",
      title: "Rebalancing",
      tables: result.plan ? [planTable(result.plan)] : [],
      folded: [],
      charts: [],
    },
    {
      id: "spaces",
      title: "Spaces",
      tables: there(encoderTable(result), mapTable(result), clusteringTable(result)),
      folded: [],
      charts: [],
    },
  ];
  return parts.filter(
    ({ tables, more = [], charts }) => tables.length + more.length + charts.length > 0,
  );
}

/** Encoders beside each other, by one attribute. */
function recognitionOf({ spaces }: ExploreResult, attribute: string): Table | null {
  const measured = spaces.flatMap(({ name, d, recognition, borders, clusterings }) => {
    const found = recognition.find((of) => of.attribute === attribute);
    const [first] = clusterings;
    return found
      ? [
          {
            name,
            dimensions: d,
            recognition: found,
            borders: borders?.label === attribute ? borders : null,
            further: first
              ? {
                  [`ARI of ${first.name}`]:
                    first.agreement.find((of) => of.attribute === attribute)?.ari ?? null,
                }
              : {},
          },
        ]
      : [];
  });
  return measured.length > 0 ? recognitionTable(attribute, measured) : null;
}

const driftPart = (drift: DriftResult): Part => ({
  id: "drift",
  title: "Drift of neutral prompts",
  tables: there(
    summaryTable(drift.summary),
    comparisonTable(drift.statistics),
    drift.matches.length > 0 ? matchTable(drift.matches) : null,
    missingTable(drift),
    drift.of === "faces" ? supportTable(drift) : null,
  ),
  folded: [
    {
      summary: "All pairs of groups, and by category",
      tables: [pairTable(drift.statistics), ...categoryTables(drift.statistics)],
    },
  ],
  charts: driftCharts(drift),
});

function clusteringPart(space: SpaceResult, clustering: ClusteringResult, id: string): Part {
  const { names, groups, dominance, corrected, captions, controls, diversity, evenness } =
    clustering;
  const label = labelled(names);
  const byName = (cluster: string): string => label(Number(cluster));
  const more = [
    namesTable(names),
    diversityTable(diversity, evenness, label),
    ...(captions
      ? [
          wordsTable(captions, undefined, byName),
          wordListTable(captions, undefined, byName),
          ...(captions.terms.length > 0 ? [termsTable(captions, undefined, byName)] : []),
        ]
      : []),
    ...(controls ? [controlTable(controls, label)] : []),
    ...corrected.map(recallTable),
  ];
  // one cluster, or one a row, says nothing of groups and looks
  const isTold = clustering.clusters > 1 && clustering.clusters < space.rows;
  return {
    id: `clusters-${id}`,
    title: `${clustering.name}, ${space.name}`,
    tables: isTold
      ? [
          ...(groups.length > 0
            ? [associationTable(groups), dominanceTable(dominance, label)]
            : []),
          ...(controls ? [explainedTable(controls)] : []),
        ]
      : [],
    more: [
      ...groups.map((table) => compositionTable(table, label)),
      ...corrected.map((table) => correctedTable(table, label)),
    ],
    folded:
      clustering.clusters > 0
        ? [{ summary: "Names, diversity, words and looks of these clusters", tables: more }]
        : [],
    charts: clusteringCharts(space, clustering),
  };
}

/** Which groups are found first; and by which measures, and in which clusters. */
function queryTables(
  { report, clusters }: QueryAudit,
  clustering: ClusteringResult | null,
  isGroup: (attribute: string) => boolean,
): { readonly key: readonly Table[]; readonly more: readonly Table[] } {
  const label = labelled(clustering?.names ?? []);
  const found = Object.entries(clusters).map(([query, of]) => {
    const attributes = Object.entries(report?.queries[query]?.attributes ?? {});
    const shares = (are: boolean): Table[] =>
      attributes
        .filter(([name]) => isGroup(name) === are)
        .map(([name, attribute]) => shareTable(query, name, attribute, report!.ks));
    return {
      key: shares(true),
      more: [
        ...shares(false),
        ...attributes.map(([name, attribute]) => metricTable(query, name, attribute, isKeyMetric)),
        ...(of.length > 0 ? [nearnessTable(query, of, label)] : []),
      ],
    };
  });
  return { key: found.flatMap(({ key }) => key), more: found.flatMap(({ more }) => more) };
}
