/** @file What an exploration comes to, in sentences, and what to know before trusting it. */
import type { ExploreResult, SpaceResult } from "../../explore/result.ts";
import { count, decimal, interval, percent, some } from "../format.ts";
import { retrievalFindings } from "../retrieval/findings.ts";
import type { Tone } from "../tables/table.ts";
import { auditFindings } from "./audit-findings.ts";
import { driftCaveats, driftFindings } from "./drift-findings.ts";
import { seenNote } from "./tables/audit.ts";
import { labelled } from "./tables/audit-content.ts";

export interface ExploreFinding {
  readonly tone: Extract<Tone, "worse" | "unclear" | "muted">;
  readonly text: string;
}

const worse = (text: string): ExploreFinding => ({ tone: "worse", text });
const fact = (text: string): ExploreFinding => ({ tone: "muted", text });

/** Findings of a space are told with its name where there are several. */
export function exploreFindings(result: ExploreResult): ExploreFinding[] {
  const { spaces, drift } = result;
  const told = (space: SpaceResult, text: string): string =>
    spaces.length > 1 ? `${space.name}: ${text}` : text;
  return [
    ...(drift ? driftFindings(drift.summary, drift.statistics) : []),
    ...spaces.flatMap((space) =>
      space.clusterings.flatMap(({ groups, dominance, controls, captions, names, name }) =>
        auditFindings({ tables: groups, dominance, controls, captions }, labelled(names)).map(
          (text) => worse(told(space, space.clusterings.length > 1 ? `${name}: ${text}` : text)),
        ),
      ),
    ),
    ...spaces.flatMap((space) => {
      if (!space.queries?.report) return [];
      const { beyond, none } = retrievalFindings(space.queries.report);
      return [
        ...beyond.map((text) => worse(told(space, text))),
        ...(none === null ? [] : [{ tone: "unclear" as const, text: told(space, none) }]),
      ];
    }),
    ...result.changes.flatMap(({ before, after, clustering, changes }) =>
      changes.map(({ attribute, measures: { cramersV } }): ExploreFinding => {
        const { value, interval: ends } = cramersV.change;
        if (value === null)
          return fact(
            `${clustering}: no change by ${attribute} from ${before} to ${after} can be told`,
          );
        const verb =
          ends && ends[1] < 0
            ? "follow it less"
            : ends && ends[0] > 0
              ? "follow it more"
              : "show no evidence of following it more or less";
        return {
          tone: ends && ends[0] > 0 ? "worse" : ends && ends[1] < 0 ? "muted" : "unclear",
          text: `${clustering} by ${attribute}: Cramer's V ${decimal(cramersV.before.value!)} in ${before}, ${decimal(cramersV.after.value!)} in ${after} (change ${interval(ends)}): clusters ${verb}.`,
        };
      }),
    ),
    ...spaces.flatMap((space) =>
      space.recognition.flatMap(({ attribute, nearest, chance, distances }) =>
        nearest.value === null || chance === null
          ? []
          : [
              fact(
                told(
                  space,
                  `the nearest neighbour has the same ${attribute} for ${percent(nearest.value)} of rows, by chance for ${percent(chance)}${distances ? `; of a pair alike in ${attribute} and one that is not, the first is nearer in ${percent(distances.auc)}` : ""}.`,
                ),
              ),
            ],
      ),
    ),
  ];
}

const MOST_NAMED = 4;

/** Share of rows that are near-duplicates of others, from which on tests are misled by them. */
const REPEATED = 0.02;
const isRepeated = ({ duplicates: { rate } }: SpaceResult): boolean => rate >= REPEATED;

/** Tests deal out labels as if rows were of pictures that know nothing of each other. */
const repeatedNote = ({ name, duplicates: { rate, cosine } }: SpaceResult): string =>
  `In ${name} ${percent(rate)} of rows are near-duplicates of others (cosine of ${cosine} or more). Tests and intervals count each as evidence of its own: as far as these show the same, p-values are too small and intervals too narrow.`;

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
      ? spaces.filter(isRepeated).map(repeatedNote)
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
