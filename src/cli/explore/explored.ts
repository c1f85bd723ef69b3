/** @file All of an exploration but its files: rows, embedding spaces, what is found in each, what it comes to. */
import type { Row } from "../../data/row.ts";
import { loaderFor } from "../../data/loader.ts";
import { withAttributes } from "../../compare/rows.ts";
import { clusterChange } from "../../explore/audit/change.ts";
import { measureControls } from "../../explore/audit/controls.ts";
import { queryChange } from "../../explore/audit/query-change.ts";
import { rebalancingPlan } from "../../explore/audit/plan.ts";
import { agreement } from "../../explore/cluster/agreement.ts";
import type { Grouping } from "../../explore/grouping.ts";
import { EXPLORE_SCHEMA, type ExploreResult, type SpaceChange } from "../../explore/result.ts";
import type { ExploreConfig } from "../../run/config/explore.ts";
import { UsageError } from "../../run/errors.ts";
import type { Progress } from "../../run/progress.ts";
import { random } from "../../run/random.ts";
import { type Analysed, analyse, duplicatesOf, together } from "./analyse.ts";
import { type Drift, driftOf } from "./drift.ts";
import type { OpenedEncoder } from "./encoders.ts";
import { type ExploreFolder, openExploreFolder } from "./folder.ts";
import { labelGroupings, predictedGrouping } from "./groups.ts";
import { maskOf } from "./mask.ts";
import { type PromptRows, promptRows } from "./pictures.ts";
import { type ExploreRows, openRows } from "./rows.ts";
import { debiasedSpaces, openEncoders, openSpaces } from "./spaces.ts";
import { openSteps, requireRunning } from "./steps.ts";

/** Rows with everything that is known of each, and what of it was found how. */
export interface Explored {
  readonly config: ExploreConfig;
  readonly rows: readonly Row[];
  /** Whether rows have files of images. */
  readonly hasImages: boolean;
  readonly captions: readonly (string | null)[] | null;
  readonly groupings: readonly Grouping[];
  readonly analysed: readonly Analysed[];
  readonly prompts: PromptRows | null;
  readonly drift: Drift | null;
  readonly result: ExploreResult;
}

/** @throws {EquiclipError} for what cannot be used; {InterruptedError} once the signal aborts: the same call goes on */
export async function exploreAll(
  config: ExploreConfig,
  folder: ExploreFolder,
  fresh: boolean,
  progress: Progress,
  signal: AbortSignal,
): Promise<Explored> {
  // encoders first: a wrong name should not cost a minute of reading images
  const { opened, absent } = await openEncoders(config.encoders, progress);
  try {
    const found = await rowsOf(config, opened[0]!, progress, signal);
    await openExploreFolder(folder, config, fresh);
    const steps = openSteps(folder.steps, signal);
    const options = { maxBad: config.data.maxBad, folder: folder.embeddings, progress, signal };
    const open = await openSpaces(opened, found.rows, config.normalise, options);
    const { rows, kept } = open;
    const groupings: Grouping[] = [...labelGroupings(rows, config.groups)];
    for (const told of config.predicted) {
      requireRunning(signal);
      groupings.push(await predictedGrouping(told, rows, groupings, progress));
    }
    const paths = found.hasImages ? rows.map(({ path }) => path) : null;
    const controls =
      paths && config.audit.controls && config.clusters.length > 0
        ? (await measureControls(paths, loaderFor(paths.length), progress)).values
        : null;
    const question = {
      config,
      ids: rows.map(({ id }) => id),
      paths,
      against: {
        groupings,
        captions: found.captions && kept.map((row) => found.captions![row]!),
        controls,
      },
      steps,
      progress,
    };
    const spaces = [...open.spaces];
    const copies: string[] = [];
    if (config.debias) {
      const first = open.spaces[0]!;
      const duplicates = await duplicatesOf(first, question);
      const { group, note } = together(first.n, duplicates, config.audit.duplicates);
      spaces.push(...debiasedSpaces(first, group, groupings, config.debias, config.normalise));
      if (note) copies.push(`debias: ${note}`);
    }
    const analysed: Analysed[] = [];
    for (const space of spaces) {
      analysed.push(await analyse(space, question));
      requireRunning(signal);
    }
    const drift = config.drift
      ? await driftOf(config, config.drift, found.prompts, open, groupings, absent, progress)
      : null;
    const result: ExploreResult = {
      schema: EXPLORE_SCHEMA,
      name: config.name,
      source: {
        data: found.source,
        rows: rows.length,
        of: found.of,
        unreadable: open.bad,
        rejected: found.rejected,
      },
      ids: question.ids,
      normalised: config.normalise,
      groups: groupings.map(({ name, predicted, values, codes }) => ({
        attribute: name,
        predicted,
        missing: codes.filter((code) => code < 0).length,
        values: values.map((value, code) => ({
          value,
          rows: codes.filter((of) => of === code).length,
        })),
      })),
      absent,
      spaces: analysed.map((of) => of.result),
      changes: changesOf(config, analysed, groupings),
      plan: planOf(config, analysed[0]!, groupings),
      borderMask: await maskOf(config, opened, rows, options),
      drift: drift && drift.result,
      notes: [...found.notes, ...open.notes, ...copies],
    };
    return {
      config,
      rows,
      hasImages: found.hasImages,
      captions: question.against.captions,
      groupings,
      analysed,
      prompts: found.prompts,
      drift,
      result,
    };
  } finally {
    for (const encoder of opened) await encoder.dispose();
  }
}

interface FoundRows extends ExploreRows {
  readonly prompts: PromptRows | null;
  /** Rows before some were drawn. */
  readonly of: number;
  readonly notes: readonly string[];
}

/** The rows of the data with further attributes, or some of them drawn at random. */
async function rowsOf(
  { data, attributes, rows: most }: ExploreConfig,
  { file }: OpenedEncoder,
  progress: Progress,
  signal: AbortSignal,
): Promise<FoundRows> {
  const names = file && { file: "the first encoder's file", ids: file.ids };
  const prompts = data.source === "prompts" ? await promptRows(data, progress, signal) : null;
  const found: ExploreRows =
    data.source === "prompts"
      ? {
          source: data.images,
          rows: prompts!.manifest.rows,
          captions: prompts!.prompts.map(({ text }) => text),
          rejected: prompts!.manifest.rejected,
          hasImages: true,
        }
      : await openRows(data, names);
  if (found.rows.length === 0)
    throw new UsageError(
      `${found.source}: no picture of any prompt is there; draw them (data.service), or name the table or folder that has them as data.images`,
    );
  const captionOf = new Map(found.rows.map(({ id }, i) => [id, found.captions?.[i] ?? null]));
  const { rows: labelled, notes } = withAttributes(
    { rows: found.rows, x: new Float32Array(0), d: 0, notes: [] },
    attributes,
  );
  const drawn =
    most === undefined || most >= labelled.length
      ? labelled
      : random("rows")
          .shuffle([...labelled.keys()])
          .slice(0, most)
          .toSorted((a, b) => a - b)
          .map((row) => labelled[row]!);
  if (drawn.length < 2)
    throw new UsageError(
      `${found.source}: one row; an exploration holds rows against each other: expected 2 or more`,
    );
  return {
    ...found,
    rows: drawn,
    captions: found.captions && drawn.map(({ id }) => captionOf.get(id)!),
    prompts,
    of: labelled.length,
    notes,
  };
}

/** Spaces of the same rows, clustered alike: other encoders beside the first, and erasers beside what they changed. */
function changesOf(
  { audit: { top } }: ExploreConfig,
  analysed: readonly Analysed[],
  groupings: readonly Grouping[],
): SpaceChange[] {
  return analysed.flatMap((after) => {
    const first = analysed[0]!;
    const before = after.space.before
      ? analysed.find(({ space }) => space === after.space.before)!
      : after.space.rows.length === first.space.rows.length
        ? first
        : after;
    if (before === after) return [];
    const own = groupings.map((grouping) => ({
      ...grouping,
      codes: Int32Array.from(after.space.rows, (row) => grouping.codes[row]!),
    }));
    return after.clusters.map(({ clustering, result }, c): SpaceChange => {
      const earlier = before.clusters[c]!.clustering;
      return {
        before: before.space.name,
        after: after.space.name,
        clustering: result.name,
        agreement: agreement(earlier.labels, clustering.labels),
        changes: clusterChange(earlier, clustering, own),
        queries:
          c === 0 && before.similarities && after.similarities
            ? queryChange(before.similarities, after.similarities, own, { top })
            : [],
      };
    });
  });
}

/** By the first clustering of the first space. */
function planOf(
  { audit: { plan } }: ExploreConfig,
  { clusters, duplicates, space }: Analysed,
  groupings: readonly Grouping[],
): ExploreResult["plan"] {
  if (!plan) return null;
  const grouping = groupings.find(({ name }) => name === plan.attribute);
  if (!grouping)
    throw new UsageError(
      `audit.plan.attribute: ${plan.attribute}: expected one of ${groupings.map(({ name }) => name).join(", ") || "no attributes: the data has none"}`,
    );
  const labels = clusters[0]?.clustering.labels ?? new Int32Array(space.n);
  return rebalancingPlan({ labels }, grouping, plan.duplicates ? duplicates : [], plan, 0);
}
