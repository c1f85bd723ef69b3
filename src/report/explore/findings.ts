/** @file What an exploration comes to, in sentences, and what to know before trusting it. */
import type { RetrievalReport } from "../../eval/retrieval/report.ts";
import type { ExploreResult, SpaceChange, SpaceResult } from "../../explore/result.ts";
import { isChained } from "../../explore/near-duplicates.ts";
import { count, decimal, interval, percent, some } from "../format.ts";
import { retrievalFindings } from "../retrieval/findings.ts";
import { type AuditFinding, auditFindings } from "./audit-findings.ts";
import { driftCaveats, driftFindings } from "./drift-findings.ts";
import { seenNote } from "./tables/audit.ts";
import { labelled } from "./tables/audit-content.ts";
import { associationSentences } from "./tables/text-association.ts";

export type ExploreFinding = AuditFinding;
const worse = (text: string): ExploreFinding => ({ tone: "worse", text });
const fact = (text: string): ExploreFinding => ({ tone: "muted", text });

export interface ExploreFindings {
  /** Of the spaces of encoders, and what changed. */
  readonly main: readonly ExploreFinding[];
  /** Of spaces that were made of these: rows held out, and without an attribute. */
  readonly more: readonly ExploreFinding[];
}

/** Spaces of encoders hold all rows; those held out for erasers do not. */
export const isOfEncoder = (result: ExploreResult, { rows, before }: SpaceResult): boolean =>
  before === null && rows === result.source.rows;

/** Findings of a space are told with its name where there are several. */
export function exploreFindings(result: ExploreResult): ExploreFindings {
  const { spaces, drift } = result;
  const [own, others] = [true, false].map((wanted) =>
    spaces.filter((space) => isOfEncoder(result, space) === wanted),
  );
  return {
    main: [
      ...(drift ? driftFindings(drift.summary, drift.statistics) : []),
      ...result.changes.flatMap(changed),
      ...own!.flatMap((space) => ofSpace(result, space)),
    ],
    more: others!.flatMap((space) => ofSpace(result, space)),
  };
}

const NO_CLUSTERS: ExploreFinding = {
  tone: "unclear",
  text: "There are fewer than two clusters, and so none to hold groups against.",
};

function ofSpace(result: ExploreResult, space: SpaceResult): ExploreFinding[] {
  const { spaces } = result;
  const of = (finding: ExploreFinding, name?: string): ExploreFinding => {
    const names = [
      ...(spaces.length > 1 ? [space.name] : []),
      ...(name === undefined ? [] : [name]),
    ];
    return names.length > 0
      ? { ...finding, text: `${names.join(", ")}: ${finding.text}` }
      : finding;
  };
  const { clusterings, queries, recognition } = space;
  const clusters = clusterings.flatMap((clustering) => {
    const { groups, dominance, controls, captions, names, name } = clustering;
    const found =
      clustering.clusters > 1
        ? auditFindings({ tables: groups, dominance, controls, captions }, labelled(names))
        : groups.length > 0
          ? [NO_CLUSTERS]
          : [];
    return found.map((finding) => of(finding, clusterings.length > 1 ? name : undefined));
  });
  const report = queries?.report && ofGroups(queries.report, result);
  const found = report ? retrievalFindings(report) : { beyond: [], none: null };
  const near = recognition.flatMap(({ attribute, nearest, chance, distances }) =>
    nearest.value === null || chance === null || chance === 0 || chance === 1
      ? [] // labels of one row each, or one label
      : [
          fact(
            `The nearest neighbour has the same ${attribute} for ${percent(nearest.value)} of rows, by chance for ${percent(chance)}${distances ? `; of a pair alike in ${attribute} and one that is not, the first is nearer in ${percent(distances.auc)}` : ""}.`,
          ),
        ],
  );
  return [
    ...clusters,
    ...found.beyond.map((text) => of(worse(text))),
    ...(found.none === null ? [] : [of({ tone: "unclear", text: found.none })]),
    ...linked(space.associations).map((finding) => of(finding)),
    ...near.map((finding) => of(finding)),
  ];
}

/** Associations beyond chance, the strongest first. */
function linked(associations: SpaceResult["associations"]): ExploreFinding[] {
  if (associations === null || associations.found.length === 0) return [];
  const sentences = associationSentences(associations.found);
  const rest = sentences.length - MOST_NAMED;
  if (sentences.length === 0)
    return [
      {
        tone: "unclear",
        text: "No text lies nearer to one group than to the others beyond chance. Among few rows only large gaps can be told from it.",
      },
    ];
  return [
    ...sentences.slice(0, MOST_NAMED).map(worse),
    ...(rest > 0 ? [fact(`${count(rest)} weaker associations are in the tables.`)] : []),
  ];
}

function changed({ before, after, clustering, changes }: SpaceChange): ExploreFinding[] {
  const found: ExploreFinding[] = [];
  const untold: string[] = [];
  for (const { attribute, measures } of changes) {
    const { change, before: first, after: then } = measures.cramersV;
    const { interval: ends } = change;
    if (change.value === null) {
      untold.push(attribute);
      continue;
    }
    const [less, more] = [ends !== null && ends[1] < 0, ends !== null && ends[0] > 0];
    const verb = less
      ? "follow it less"
      : more
        ? "follow it more"
        : "show no evidence of following it more or less";
    found.push({
      tone: more ? "worse" : less ? "muted" : "unclear",
      text: `${clustering} by ${attribute}: Cramer's V ${decimal(first.value!)} in ${before}, ${decimal(then.value!)} in ${after} (change ${interval(ends)}): clusters ${verb}.`,
    });
  }
  if (untold.length > 0)
    found.push(
      fact(
        `${clustering}: no change by ${untold.join(", ")} from ${before} to ${after} can be told.`,
      ),
    );
  return found;
}

/** Without clusters, whose rows are alike and so found together; null where nothing is left. */
function ofGroups(report: RetrievalReport, { groups }: ExploreResult): RetrievalReport | null {
  if (groups.length === 0) return null;
  const only = ({ attributes, ...of }: RetrievalReport["queries"][string]) => ({
    ...of,
    attributes: Object.fromEntries(
      Object.entries(attributes).filter(([name]) =>
        groups.some(({ attribute }) => attribute === name),
      ),
    ),
  });
  return {
    ...report,
    queries: Object.fromEntries(
      Object.entries(report.queries).map(([query, of]) => [query, only(of)]),
    ),
  };
}

const MOST_NAMED = 4;

/** Share of rows that are near-duplicates, from which on tests are misled. */
const REPEATED = 0.02;
const isRepeated = ({ duplicates: { rate, groups }, rows }: SpaceResult): boolean =>
  rate >= REPEATED && !isChained(groups, rows);

/** Tests deal out labels as if rows were of pictures that know nothing of each other. */
const repeatedNote = ({ name, duplicates: { rate, cosine } }: SpaceResult): string =>
  `In ${name} ${percent(rate)} of rows have a cosine of ${cosine} or more with another. Tests and intervals count each row as evidence of its own: as far as these show the same picture or person, p-values are too small and intervals too narrow.`;

/** What was left out, and how far the pictures can be trusted. */
export function exploreNotes(result: ExploreResult): string[] {
  const { source, spaces, absent, drift, groups, notes } = result;
  const { unreadable, rejected, of, rows } = source;
  return [
    ...(of > rows + unreadable.length
      ? [`${count(rows)} of ${count(of)} rows were drawn at random.`]
      : []),
    ...(unreadable.length > 0
      ? [
          `${count(unreadable.length)} rows were left out: ${some(
            unreadable.map(({ id, reason }) => `${id}: ${reason}`),
            MOST_NAMED,
          )}.`,
        ]
      : []),
    ...(rejected.length > 0
      ? [
          `${count(rejected.length)} files or records are no rows: ${some(
            rejected.map(({ id, reason }) => `${id}: ${reason}`),
            MOST_NAMED,
          )}.`,
        ]
      : []),
    ...absent.map(({ encoder, reason }) => `Encoder ${encoder} cannot be had: ${reason}.`),
    ...(drift ? [...drift.absent, ...driftCaveats(drift.statistics, drift.templates)] : []),
    ...groups.flatMap(({ attribute, predicted, missing }) => [
      ...(predicted
        ? [
            `${attribute} is told by ${predicted.model}, not read from labels; its errors, counted on ${count(predicted.rows)} rows, are in the tables.`,
            ...(predicted.seen > 0 ? [seenNote(attribute, predicted)] : []),
          ]
        : []),
      ...(missing > 0 ? [`${count(missing)} rows have no ${attribute}.`] : []),
    ]),
    ...(spaces.some(({ clusterings }) => clusterings.length > 0)
      ? spaces.filter((space) => isOfEncoder(result, space) && isRepeated(space)).map(repeatedNote)
      : []),
    ...spaces.flatMap(({ queries, noQueries }) => [
      ...(queries?.notes ?? []),
      ...(noQueries === null ? [] : [`No queries: ${noQueries}.`]),
    ]),
    ...notes,
    ...(spaces.some(({ maps }) => maps.some(({ kind }) => kind !== "pca"))
      ? [
          "Maps keep neighbours and bend everything else: distances and sizes on t-SNE and UMAP mean nothing. Every number is computed in the full space.",
        ]
      : []),
  ];
}
