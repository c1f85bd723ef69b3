/** @file What clusters hold as tables: names, spread, words of captions, style, nearness to texts. */
import type { CaptionWords } from "../../../explore/audit/captions.ts";
import { WORD_LISTS, type WordList } from "../../../explore/audit/captions.ts";
import { type Control, CONTROLS, type ControlAudit } from "../../../explore/audit/controls.ts";
import type { ClusterDiversity, Evenness, Spread } from "../../../explore/audit/diversity.ts";
import type { ClusterName } from "../../../explore/audit/names.ts";
import type { ClusterSimilarity } from "../../../explore/audit/query.ts";
import { count, decimal, percent, pValue, some, undefinedFor } from "../../format.ts";
import { type Cell, type Table, cell, left, right } from "../../tables/table.ts";
import { gapCell } from "../../tables/values.ts";
import { type ClusterLabel, byNumber, isBeyondChance, shareCell } from "./audit.ts";

/** "3 (cat, dog)" for clusters with names. */
export const labelled =
  (names: readonly ClusterName[], most = 2): ClusterLabel =>
  (cluster) => {
    const words = names[cluster]?.words;
    return words ? `${cluster} (${words.slice(0, most).join(", ")})` : byNumber(cluster);
  };

const FROM = {
  text: "texts nearest to the centre",
  captions: "words of captions",
  groups: "over-represented groups",
} as const;

export const namesTable = (names: readonly ClusterName[]): Table => ({
  title: "What clusters could be called",
  columns: [left("cluster"), left("words"), left("from")],
  rows: names.map(({ words, from, scores }, cluster) => [
    cell(byNumber(cluster), undefined, "strong"),
    words === null
      ? cell(undefinedFor("no texts, captions or over-represented groups"), undefined, "muted")
      : cell(words.join(", "), scores?.map(decimal).join(", ")),
    cell(from === null ? "" : FROM[from]),
  ]),
  notes: ["Names are hints, not findings: the nearest of the words that were tried."],
});

/** Sizes, and how spread out the rows of each cluster are. */
export function diversityTable(
  { clusters, all }: ClusterDiversity,
  sizes: Evenness,
  label: ClusterLabel = byNumber,
): Table {
  const rows = clusters.reduce((sum, of) => sum + of.rows, 0);
  const line = (name: string, of: Spread, share: number | null): Cell[] => [
    cell(name, undefined, "strong"),
    cell(count(of.rows)),
    cell(share === null ? "" : percent(share)),
    gapCell(of.pairs),
    gapCell(of.centre),
  ];
  return {
    title: "Size and diversity",
    columns: [
      left("cluster"),
      right("rows"),
      right("share"),
      right("distance of pairs"),
      right("distance to centre"),
    ],
    rows: [
      line("all", all, null),
      ...clusters.map((of, c) => line(label(c), of, rows > 0 ? of.rows / rows : null)),
    ],
    notes: [
      "Distances are means of 1 - cosine: 0 for identical pictures.",
      ...(sizes.normalised === null
        ? []
        : [`Sizes are even by ${decimal(sizes.normalised)} (entropy over that of equal ones).`]),
    ],
  };
}

/** Words that each group's captions have more often than the others'. */
export const wordsTable = (
  { groups, captions, missing, compared, vocabulary, reason }: CaptionWords,
  title = "Words of captions",
  label: (group: string) => string = String,
): Table => ({
  title,
  columns: [left("group"), right("captions"), left("words above chance, strongest first")],
  rows: groups.map((of) => {
    const words = of.words.filter(isBeyondChance).slice(0, 8);
    return [
      cell(label(of.group), undefined, "strong"),
      cell(count(of.captions)),
      words.length > 0
        ? cell(words.map(({ word, captions }) => `${word} (${count(captions)})`).join(", "))
        : cell(reason === null ? "none" : undefinedFor(reason), undefined, "muted"),
    ];
  }),
  notes: [
    `Log-odds with an informative prior (Monroe et al. 2008) of ${count(compared)} of ${count(vocabulary)} words in ${count(captions)} captions, p at most 0.05 corrected for all of them; in brackets captions with the word.`,
    ...(missing > 0 ? [`${count(missing)} rows have no caption.`] : []),
  ],
});

/** Shares of captions with gendered and emotional words. */
export const wordListTable = (
  { groups }: CaptionWords,
  title = "Gendered and emotional words",
  label: (group: string) => string = String,
): Table => {
  const lists = Object.keys(WORD_LISTS) as WordList[];
  const sources = [...new Set(lists.map((list) => WORD_LISTS[list].source))];
  return {
    title,
    columns: [
      left("group"),
      right("captions"),
      ...lists.map((list) => right(WORD_LISTS[list].label)),
    ],
    rows: groups.map(({ group, captions, lists: of }) => [
      cell(label(group), undefined, "strong"),
      cell(count(captions)),
      ...lists.map((list) =>
        shareCell(of[list].share, isBeyondChance(of[list]) ? "strong" : undefined),
      ),
    ]),
    notes: [
      `Captions with at least one word of a list: ${sources.join(", ")}. The lists are English; captions in other languages have none.`,
    ],
  };
};

/** Rates of the terms that were asked for. */
export const termsTable = (
  { groups, terms }: CaptionWords,
  title = "Terms in captions",
  label: (group: string) => string = String,
): Table => ({
  title,
  columns: [left("term"), ...groups.map(({ group }) => right(label(group)))],
  rows: terms.map((term, t) => [
    cell(term, undefined, "strong"),
    ...groups.map((of) => shareCell(of.terms[t]!)),
  ]),
  notes: [],
});

/** How far clusters follow what pictures look like, and who is in them. */
export const explainedTable = ({ overall }: ControlAudit): Table => ({
  title: "Style or content: what clusters follow",
  columns: [
    left("what"),
    left("kind"),
    right("rows"),
    right("explained"),
    right("adjusted"),
    right("p, corrected"),
  ],
  rows: overall.map(({ name, kind, rows, explained, corrected, pHolm, reason }) => [
    cell(name, undefined, "strong"),
    cell(kind === "control" ? "style" : "group"),
    cell(count(rows)),
    explained === null ? cell(undefinedFor(reason), undefined, "muted") : cell(percent(explained)),
    cell(corrected === null ? "" : percent(corrected)),
    cell(pHolm === null ? "" : pValue(pHolm)),
  ]),
  notes: [
    "Explained: share of the variance that clusters explain, eta squared of style and Goodman and Kruskal's tau of groups; adjusted: less what chance explains.",
  ],
});

const SHOWN: readonly Control[] = ["brightness", "contrast", "sharpness"];

/** What the pictures of each cluster look like. */
export const controlTable = (
  { clusters, flags }: ControlAudit,
  label: ClusterLabel = byNumber,
): Table => ({
  title: "What pictures of a cluster look like",
  columns: [
    left("cluster"),
    right("rows"),
    ...SHOWN.map((name) => right(CONTROLS[name].label)),
    left("style"),
  ],
  rows: clusters.map(({ cluster, rows, controls }) => {
    const looks = flags.filter((flag) => flag.cluster === cluster).map(({ looks }) => looks);
    return [
      cell(label(cluster), undefined, "strong"),
      cell(count(rows)),
      ...SHOWN.map((name) => {
        const of = controls.find(({ control }) => control === name)!;
        return of.mean === null
          ? cell("", undefined, "muted")
          : cell(
              decimal(of.mean),
              of.strength === null ? undefined : `delta ${decimal(of.strength)}`,
            );
      }),
      cell(looks.join(", "), undefined, looks.length > 0 ? "broken" : undefined),
    ];
  }),
  notes: [
    "Delta: how much more often a picture of the cluster has more of it than another than the other way round, -1 to 1 (Cliff). A cluster is style where that is at least 0.8 either way and more than any group's difference in share.",
  ],
});

/** Clusters by their nearness to a text. */
export const nearnessTable = (
  query: string,
  clusters: readonly ClusterSimilarity[],
  label: ClusterLabel = byNumber,
  most = 10,
): Table => ({
  title: `${query}: nearest clusters`,
  columns: [left("cluster"), right("rows"), right("mean cosine")],
  rows: clusters
    .slice(0, most)
    .map(({ cluster, rows, similarity }) => [
      cell(label(cluster), undefined, "strong"),
      cell(count(rows)),
      gapCell(similarity),
    ]),
  notes:
    clusters.length > most
      ? [`Further away: ${some(clusters.slice(most).map(({ cluster }) => label(cluster)))}.`]
      : [],
});
