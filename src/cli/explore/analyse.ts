/** @file One space of an exploration, looked at in every way that the config asks for. */
import type { ControlValues } from "../../explore/audit/controls.ts";
import { NAME_PROMPT, type NamingTexts } from "../../explore/audit/names.ts";
import { auditQueries, similarities } from "../../explore/audit/query.ts";
import { averageTemplates, textAssociations } from "../../explore/audit/text-association.ts";
import { EVERYDAY_NOUNS } from "../../explore/audit/words/everyday-nouns.ts";
import { heldOut } from "../../explore/border/held-out.ts";
import { borderSummary } from "../../explore/border/summary.ts";
import { checkClaims } from "../../explore/claims.ts";
import { cosineMatrix, mostAlike } from "../../explore/cosines.ts";
import type { Grouping } from "../../explore/grouping.ts";
import { fitMap } from "../../explore/map/fit.ts";
import { reduceRows } from "../../explore/map/reduce.ts";
import { nearestNeighbours } from "../../explore/neighbours.ts";
import { isChained, nearDuplicates } from "../../explore/near-duplicates.ts";
import { recognition } from "../../explore/recognition.ts";
import type { SpaceResult } from "../../explore/result.ts";
import type { ExploreConfig } from "../../run/config/explore.ts";
import { UsageError } from "../../run/errors.ts";
import { type Against, type FoundClusters, findClusters } from "./clusters.ts";
import { type DrawnMap, drawMaps } from "./maps.ts";
import type { Question } from "./question.ts";
import { robustnessOf } from "./robustness.ts";
import type { Space } from "./spaces.ts";
import { digestOf } from "./steps.ts";

/** What was found, and what per-row outputs are drawn from. */
export interface Analysed {
  readonly space: Space;
  readonly maps: readonly DrawnMap[];
  readonly clusters: readonly FoundClusters[];
  /** Groups of rows of the space that are near-duplicates. */
  readonly duplicates: readonly (readonly number[])[];
  /** Of rows with each query; null without queries. [n] */
  readonly similarities: Readonly<Record<string, Float64Array>> | null;
  readonly result: SpaceResult;
}

/** A matrix of more rows is read by nobody. */
const MOST_COSINES = 24;

export async function analyse(space: Space, question: Question): Promise<Analysed> {
  const { config, ids, steps, progress } = question;
  const against = { ...partOf(question.against, space), names: await wordsOf(space, config) };
  const names = space.rows.map((row) => ids[row]!);
  const digest = digestOf(space);
  const maps = await drawMaps(space, digest, config, steps, progress);
  const clusters = await findClusters(space, digest, config, against, steps, progress);
  const limit = config.audit.duplicates;
  const duplicates = await duplicatesOf(space, question);
  const recognised = await recognitionOf(space, digest, against.groupings, question);
  const {
    queries,
    noQueries,
    similarities: scores,
  } = await queriesOf(space, names, against, clusters, question);
  return {
    space,
    maps,
    clusters,
    duplicates,
    similarities: scores,
    result: {
      name: space.name,
      about: space.about,
      rows: space.n,
      d: space.d,
      before: space.before?.name ?? null,
      maps: maps.map(({ coordinates: _coordinates, ...map }) => map),
      clusterings: clusters.map(({ result }) => result),
      recognition: recognised,
      borders: await bordersOf(space, digest, duplicates, against.groupings, question),
      duplicates: {
        cosine: limit,
        groups: duplicates.map((group) => group.map((row) => names[row]!)),
        rate: duplicates.reduce((sum, group) => sum + group.length - 1, 0) / space.n,
      },
      queries,
      noQueries,
      associations: await associationsOf(space, against, question),
      alike: alikeOf(space, names, question),
      claims: checkClaims(space, names, config.audit.claims),
      cosines: space.n <= MOST_COSINES ? cosineMatrix(space) : null,
      robustness: await robustnessOf(space, digest, question),
    },
  };
}

/** Rows that are listed with each, itself among them. */
const ALIKE = 6;

/** @throws UsageError for a name that no row has */
function alikeOf(
  space: Space,
  names: readonly string[],
  { config: { audit }, ids }: Question,
): SpaceResult["alike"] {
  const asked = audit.alike ?? (space.n <= MOST_COSINES ? names : []);
  return asked.flatMap((id) => {
    const row = names.indexOf(id);
    // of a space that holds some of the rows
    if (row < 0 && ids.includes(id)) return [];
    if (row < 0)
      throw new UsageError(
        `audit.alike: there is no row ${id}; names are paths, or ids of the table`,
      );
    const query = space.x.subarray(row * space.d, (row + 1) * space.d);
    if (query.every((value) => value === 0)) return [];
    const rows = mostAlike(space, query, ALIKE);
    return [{ id, rows: rows.map(({ row: of, cosine }) => ({ id: names[of]!, cosine })) }];
  });
}

/** Groups of rows of the space. */
export async function duplicatesOf(
  space: Space,
  { config: { audit }, steps, progress }: Pick<Question, "config" | "steps" | "progress">,
): Promise<readonly (readonly number[])[]> {
  const from = [digestOf(space), audit.duplicates];
  const { duplicates } = await steps.keep("duplicates", from, async () => ({
    duplicates: await nearDuplicates(space, audit.duplicates, { progress }),
  }));
  return duplicates;
}

/** What the rows of one space are held against. */
function partOf(
  { groupings, captions, controls }: Omit<Against, "names">,
  { rows }: Space,
): Omit<Against, "names"> {
  return {
    groupings: groupings.map((grouping) => ({
      ...grouping,
      codes: Int32Array.from(rows, (row) => grouping.codes[row]!),
    })),
    captions: captions && rows.map((row) => captions[row]!),
    controls:
      controls &&
      (Object.fromEntries(
        Object.entries(controls).map(([name, values]) => [
          name,
          Float64Array.from(rows, (row) => values[row]!),
        ]),
      ) as unknown as ControlValues),
  };
}

/** What clusters may be called, as the space's encoder has it. */
async function wordsOf(
  space: Space,
  { audit, clusters }: ExploreConfig,
): Promise<NamingTexts | null> {
  if (!space.texts || clusters.length === 0) return null;
  // words that a model never saw would name clusters at random
  if (!audit.names && space.encoder?.knowsWords === false) return null;
  const words = audit.names ?? EVERYDAY_NOUNS;
  const texts = words.map((word) => NAME_PROMPT.replace("{word}", word));
  try {
    return { words, embeddings: await space.texts(texts) };
  } catch (thrown) {
    // a file of texts has those that it was made of
    if (space.isFile && thrown instanceof UsageError) return null;
    throw thrown;
  }
}

/** Rows near enough to be neighbours of each row, among which those without a label are passed over. */
const NEIGHBOURS = 10;

async function recognitionOf(
  space: Space,
  digest: string,
  groupings: readonly Grouping[],
  { steps, progress }: Question,
): Promise<SpaceResult["recognition"]> {
  if (space.n < 2 || groupings.length === 0) return [];
  const k = Math.min(NEIGHBOURS, space.n - 1);
  const neighbours = await steps.keep("neighbours", [digest, k], () =>
    nearestNeighbours(space, k, { progress }),
  );
  progress.start("distances of pairs", groupings.length);
  return groupings.map(({ name, codes, values }, i) => {
    const found = recognition(space, codes, values.length, neighbours, { seed: 0 });
    progress.update(i + 1);
    return { attribute: name, ...found };
  });
}

async function queriesOf(
  space: Space,
  ids: readonly string[],
  { groupings }: Against,
  clusters: readonly FoundClusters[],
  { config: { audit }, progress }: Question,
): Promise<Pick<SpaceResult, "queries" | "noQueries"> & Pick<Analysed, "similarities">> {
  const isAsked = audit.queries.length > 0 || audit.associations !== undefined;
  if (isAsked && !space.texts)
    return { queries: null, noQueries: `${space.name} has no text side`, similarities: null };
  if (audit.queries.length === 0 || !space.texts)
    return { queries: null, noQueries: null, similarities: null };
  const scores = similarities(space, await space.texts(audit.queries));
  const named = Object.fromEntries(audit.queries.map((text, q) => [text, scores[q]!]));
  const first = clusters[0]?.clustering ?? null;
  const queries = auditQueries(named, ids, groupings, first, { top: audit.top }, progress);
  return { queries, noQueries: null, similarities: named };
}

/** @throws UsageError for an attribute that there is none of */
async function associationsOf(
  space: Space,
  { groupings }: Pick<Against, "groupings">,
  { config: { audit } }: Question,
): Promise<SpaceResult["associations"]> {
  if (!audit.associations || !space.texts) return null;
  const { texts, templates, neutral, within } = audit.associations;
  if (within !== undefined && !groupings.some(({ name }) => name === within))
    throw new UsageError(
      `audit.associations.within: expected one of ${groupings.map(({ name }) => name).join(", ")}, received ${within}`,
    );
  const filled = texts.flatMap((text) =>
    templates.map((template) => template.replaceAll("{text}", () => text)),
  );
  const scores = similarities(space, averageTemplates(await space.texts(filled), templates.length));
  const base = neutral === null ? null : similarities(space, await space.texts([neutral]))[0]!;
  const named = texts.map(
    (text, t) => [text, base ? scores[t]!.map((of, row) => of - base[row]!) : scores[t]!] as const,
  );
  return {
    neutral,
    knowsWords: space.encoder?.knowsWords !== false,
    found: textAssociations(Object.fromEntries(named), groupings, { within }),
  };
}

async function bordersOf(
  space: Space,
  digest: string,
  duplicates: readonly (readonly number[])[],
  groupings: readonly Grouping[],
  { config, steps, progress }: Question,
): Promise<SpaceResult["borders"]> {
  const { borders, maps, reduce } = config;
  if (!borders) return null;
  const { map, kernel, C, gamma, test, seed } = borders;
  const label = borders.label ?? groupings[0]?.name;
  const grouping = groupings.find(({ name }) => name === label);
  const asked = { label: label ?? "none", map, kernel, values: grouping?.values ?? [] };
  if (!grouping) return { ...asked, heldOut: null, reason: "the rows have no such label" };
  const spec =
    maps.find(({ kind }) => kind === map) ??
    (map === "pca"
      ? ({ kind: "pca", components: 2 } as const)
      : ({ kind: "umap", neighbours: 15, minDist: 0.1, seed } as const));
  const { group, note } = together(space.n, duplicates, config.audit.duplicates);
  // the limit tells which rows stay together
  const from = [digest, borders, spec, reduce ?? null, grouping, config.audit.duplicates];
  return steps.keep("borders", from, async () => {
    const found = await heldOut(space, grouping.codes, grouping.values, {
      test,
      seed,
      svm: { kernel, C, gamma, progress },
      duplicates: group,
      fit: async (train) => {
        const reduced = await reduceRows(train, reduce, progress);
        const fitted = await fitMap(spec, reduced.rows, progress);
        const { place } = fitted;
        return {
          ...fitted,
          place: place && (async (points) => place(await reduced.place(points))),
        };
      },
    });
    const summary = borderSummary(asked, found);
    const { heldOut: rows } = summary;
    return rows && note
      ? { ...summary, heldOut: { ...rows, notes: [...rows.notes, note] } }
      : summary;
  });
}

/** Near-duplicates stay on one side of a split, unless the limit says nothing of duplicates. */
export function together(
  n: number,
  duplicates: readonly (readonly number[])[],
  cosine: number,
): { readonly group: Int32Array; readonly note: string | null } {
  const group = new Int32Array(n).map((_, row) => row);
  const largest = duplicates.reduce((most, rows) => Math.max(most, rows.length), 0);
  if (isChained(duplicates, n))
    return {
      group,
      note: `near-duplicates were not kept together: a cosine of ${cosine} joins ${largest} of ${n} rows into one group here; raise audit.duplicates`,
    };
  for (const rows of duplicates) for (const row of rows) group[row] = rows[0]!;
  return { group, note: null };
}
