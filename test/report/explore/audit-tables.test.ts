/** @file Audits for people: what was planted is named, with how sure it is; tables fit a terminal; text stays text. */
import { describe, expect, test } from "vitest";
import { captionWords } from "../../../src/explore/audit/captions.ts";
import { clusterChange } from "../../../src/explore/audit/change.ts";
import { clusterGroups } from "../../../src/explore/audit/cluster-groups.ts";
import {
  auditControls,
  CONTROLS,
  type ControlValues,
} from "../../../src/explore/audit/controls.ts";
import { clusterDiversity, evenness } from "../../../src/explore/audit/diversity.ts";
import { dominance } from "../../../src/explore/audit/dominance.ts";
import { nameClusters } from "../../../src/explore/audit/names.ts";
import { rebalancingPlan } from "../../../src/explore/audit/plan.ts";
import { correctedShares } from "../../../src/explore/audit/predicted.ts";
import { queryChange } from "../../../src/explore/audit/query-change.ts";
import { auditQueries, clusterColumn } from "../../../src/explore/audit/query.ts";
import { auditFindings as findingsOf } from "../../../src/report/explore/audit-findings.ts";
import {
  associationTable,
  changeTable,
  compositionTable,
  correctedTable,
  dominanceTable,
  queryChangeTable,
  recallTable,
} from "../../../src/report/explore/tables/audit.ts";
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
} from "../../../src/report/explore/tables/audit-content.ts";
import { planTable } from "../../../src/report/explore/tables/audit-plan.ts";
import { tableText } from "../../../src/report/terminal/table.ts";
import { random } from "../../../src/run/random.ts";
import { clusteringOf, groupingOf, points } from "../../explore/audit/samples.ts";

const auditFindings = (...args: Parameters<typeof findingsOf>): string[] =>
  findingsOf(...args).map(({ text }) => text);

const N = 360;
const draw = random("audit tables");
/** Cluster 0 is of women, cluster 1 is dark, cluster 2 is neither. */
const clusters = Array.from({ length: N }, (_, i) => i % 3);
const women = clusters.map((c) => draw.uniform() < (c === 0 ? 0.95 : 0.4));
const clustering = clusteringOf(clusters);
const gender = groupingOf(
  "gender",
  women.map((is) => (is ? "female" : "male")),
);
const race = groupingOf(
  "race",
  clusters.map((_, i) => (i % 50 === 0 ? null : `race <b>${i % 7}</b>`)),
);
const one = groupingOf(
  "species",
  clusters.map(() => "human"),
);
const told = {
  ...gender,
  name: "told",
  predicted: {
    model: "runs/gender",
    rows: 400,
    confusion: Float64Array.of(180, 20, 30, 170),
    seen: 0,
  },
};
const quick = { permutations: 199, replicates: 100 };
const tables = clusterGroups(clustering, [gender, race, one, told], quick);
const flagged = dominance(tables);
const controlValues = Object.fromEntries(
  Object.keys(CONTROLS).map((name) => [
    name,
    Float64Array.from(clusters, (c) =>
      name === "brightness" ? (c === 1 ? 0.2 : 0.7) + draw.normal() / 30 : 100 + draw.normal(),
    ),
  ]),
) as ControlValues;
const controls = auditControls(clustering, controlValues, [gender, race], { permutations: 199 });
const captions = captionWords(
  women.map((is, i) => `${is ? "a woman" : "a man"} ${clusters[i] === 2 ? "cooking" : "outside"}`),
  clusterColumn(clustering),
  { terms: ["cooking", "CEO"] },
);
const names = nameClusters(clustering, { captions, dominance: flagged });
const mixed = clusteringOf(clusters.map(() => draw.int(3)));
const changes = clusterChange(clustering, mixed, [gender, one], { replicates: 200 });
const queryChanges = queryChange(
  {
    CEO: Float64Array.from(women, (is) => Number(!is) + draw.normal() / 9),
    cook: new Float64Array(N),
  },
  { CEO: Float64Array.from(women, () => draw.normal()) },
  [gender, one],
  { top: 20, replicates: 100 },
);
const label = labelled(names);
const embeddings = points(clusters.map((c) => [c + draw.normal(), draw.normal(), 1]));
const queries = auditQueries(
  { CEO: Float64Array.from(clusters, (c) => c + draw.normal()) },
  clusters.map(String),
  [gender],
  clustering,
  { top: 20, replicates: 50 },
);
const corrected = correctedShares(clustering, told, { replicates: 100 });

const all = [
  ...tables.map((table) => compositionTable(table, label)),
  associationTable(tables),
  dominanceTable(flagged, label),
  recallTable(corrected),
  correctedTable(corrected, label),
  ...changes.map(changeTable),
  ...queryChanges.map(queryChangeTable),
  namesTable(names),
  diversityTable(clusterDiversity(embeddings, clustering), evenness([120, 120, 120]), label),
  wordsTable(captions),
  wordListTable(captions),
  termsTable(captions),
  explainedTable(controls),
  controlTable(controls, label),
  nearnessTable("CEO", queries.clusters["CEO"]!, label),
  planTable(
    rebalancingPlan(clustering, race, [[0, 1]], { per: "cluster", target: "smallest" }, 0),
    label,
  ),
];

describe.each(all.map((table) => [table.title, table] as const))("%s", (_, table) => {
  test("has a cell for each column, and fits a terminal of 100 columns", () => {
    for (const row of table.rows) expect(row).toHaveLength(table.columns.length);
    const text = tableText(table, { columns: 100, color: false, unicode: true });
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(text).not.toMatch(/NaN|undefined|null|Infinity/);
  });
});

describe("findings", () => {
  const found = auditFindings(
    { tables, dominance: flagged, controls, captions, changes, queryChanges },
    label,
  );
  const text = found.join("\n");

  test("who dominates, with lift, interval and corrected p", () => {
    expect(text).toMatch(
      /Cluster 0 \(.*\): 9\d\.\d% of its 120 rows are female \(gender\), of all rows \d\d\.\d%: 1\.\d+ times as many \[1\.\d+, 1\.\d+\], p < 0\.001 after correction/,
    );
    expect(text).toContain("(told, told by runs/gender)");
  });

  test("what clusters follow, and what cannot be told", () => {
    expect(text).toMatch(/Clusters follow gender more than chance does: Cramer's V 0\.\d+ \[/);
    expect(text).toMatch(/That clusters follow race cannot be told from chance/);
    expect(text).toContain(
      "Whether clusters follow species cannot be told: all rows have the same label.",
    );
  });

  test("style, words, and before and after", () => {
    expect(text).toMatch(/Clusters follow brightness more than any group/);
    expect(text).toMatch(
      /Cluster 1.* is dark, style rather than content: mean brightness 0\.\d+ beside 0\.\d+ of the others/,
    );
    expect(text).toMatch(/Cluster 0.*captions have words for women, more than/);
    expect(text).toMatch(/Before and after by gender: clusters follow it less/);
    expect(text).toMatch(/Before and after by species: cannot be told/);
    expect(text).toMatch(
      /CEO, before and after by gender: who is found first is more even; largest skew among the first 20, 0\.8/,
    );
  });

  test("nothing found is said, and said not to be a proof", () => {
    const even = clusterGroups(mixed, [race], quick);
    expect(auditFindings({ tables: even, dominance: dominance(even) })[1]).toMatch(
      /^No cluster of 20 rows or more is dominated by a group of race .* no proof that none is\.$/,
    );
    expect(auditFindings({ tables: [], dominance: dominance([]) })).toEqual([]);
  });

  test("each says how it is meant", () => {
    const tones = new Map(
      findingsOf({ tables, dominance: flagged, changes }, label).map(({ text: of, tone }) => [
        of,
        tone,
      ]),
    );
    const toneOf = (start: RegExp) => [...tones].find(([of]) => start.test(of))![1];
    expect(toneOf(/^Clusters follow gender more/)).toBe("worse");
    expect(toneOf(/^That clusters follow race cannot be told/)).toBe("unclear");
    expect(toneOf(/^Before and after by gender: clusters follow it less/)).toBe("muted");
    expect(toneOf(/^Before and after by species: cannot be told/)).toBe("unclear");
  });

  test("at most five of a kind", () => {
    const sixty = clusteringOf(Array.from({ length: 1200 }, (_, i) => i % 20));
    const own = groupingOf(
      "g",
      [...sixty.labels].map((c) => `g${c}`),
    );
    const many = clusterGroups(sixty, [own], { permutations: 0, replicates: 0 });
    const sentences = auditFindings({ tables: many, dominance: dominance(many) });
    expect(sentences[0]).toMatch(/^(That|Whether|Clusters)/); // the whole before its parts
    expect(sentences[6]).toBe("15 more are in the tables.");
  });
});

test("where labels come from is said, and rows left out are counted", () => {
  const notes = (table: { readonly notes: readonly string[] }): string => table.notes.join("\n");
  expect(notes(compositionTable(tables[3]!))).toContain(
    "told is told by runs/gender, not read from labels; its errors were counted on 400 rows.",
  );
  expect(notes(compositionTable(tables[1]!))).toContain(
    "8 rows have no race and are left out here.",
  );
  expect(notes(recallTable(corrected))).toMatch(
    /counting grow up to 1\.\d+ times; .* as often in every cluster/,
  );
});
