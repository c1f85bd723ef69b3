/** @file Study 000 in an exploration: its spaces from the encoders there are, of drawn pictures or of faces. */
import type { Row } from "../../data/row.ts";
import { FACE_PROMPTS, type FaceSpace, faceDrift, faceSummary } from "../../explore/drift/faces.ts";
import { type Match, firstMatches } from "../../explore/drift/matching.ts";
import { summaryOf } from "../../explore/drift/results.ts";
import {
  type Quadruplet,
  type Similarities,
  type SpaceSimilarities,
  absentSpace,
  cosineSpace,
  groupPrompts,
  ownersOf,
  similaritiesOf,
} from "../../explore/drift/similarities.ts";
import { type Space as Measure, STUDY_SPACES, furtherSpace } from "../../explore/drift/spaces.ts";
import { splitSpace } from "../../explore/drift/split-product.ts";
import { driftStatistics } from "../../explore/drift/statistics.ts";
import type { Grouping } from "../../explore/grouping.ts";
import type { DriftResult } from "../../explore/result.ts";
import { absentNotes } from "../../report/explore/tables/drift.ts";
import type { ExploreConfig, ExploreDrift } from "../../run/config/explore.ts";
import { UsageError } from "../../run/errors.ts";
import type { Progress } from "../../run/progress.ts";
import type { PromptRows } from "./pictures.ts";
import type { OpenSpaces, Space } from "./spaces.ts";
import { tokenReader } from "./tokens.ts";

/** What was measured: the result, and what the study's tables and pictures are made of. */
export interface Drift {
  readonly result: DriftResult;
  readonly similarities: Similarities;
}

/** The study's measures of pictures, by what an encoder is called. */
const BY_NAME: Readonly<Record<string, Measure>> = {
  clip: STUDY_SPACES.image,
  dino: STUDY_SPACES.dino,
  resnet: STUDY_SPACES.resnet,
  vae: STUDY_SPACES.latent,
};
/** Whose rows of each image the split product is of. */
const SPLIT = "dino";

const imageMeasure = (name: string): Measure => BY_NAME[name] ?? furtherSpace(name, "pictures");
const textMeasure = (name: string): Measure =>
  name === "clip" ? STUDY_SPACES.prompt : furtherSpace(name, "texts");

type Open = Omit<OpenSpaces, "absent">;

/** @throws UsageError when the data has neither prompts nor ages */
export const driftOf = (
  config: ExploreConfig,
  drift: ExploreDrift,
  prompts: PromptRows | null,
  open: Open,
  groupings: readonly Grouping[],
  absent: OpenSpaces["absent"],
  progress: Progress,
): Promise<Drift> =>
  prompts
    ? ofPictures(drift, templatesOf(config), prompts, open, absent, progress)
    : ofFaces(config, drift, open, groupings, progress);

const templatesOf = ({ data }: ExploreConfig): string | null =>
  data.source === "prompts" && typeof data.templates === "string" ? data.templates : null;

async function ofPictures(
  drift: ExploreDrift,
  templates: string | null,
  found: PromptRows,
  { spaces, rows }: Open,
  absent: OpenSpaces["absent"],
  progress: Progress,
): Promise<Drift> {
  const quadruplets = groupPrompts(found.all);
  const owners = ownersOf(found);
  const ids = rows.map(({ id }) => id);
  const measured: SpaceSimilarities[] = absent.flatMap(({ encoder, reason }) => [
    absentSpace(quadruplets, imageMeasure(encoder), reason),
    ...(encoder === SPLIT ? [absentSpace(quadruplets, STUDY_SPACES.split, reason)] : []),
  ]);
  let matches: readonly Match[] = [];
  for (const space of spaces) {
    if (space.texts) {
      const texts = await space.texts(found.all.map(({ text }) => text));
      const named = { ...texts, ids: found.all.map(({ id }) => id) };
      measured.push(cosineSpace(quadruplets, textMeasure(space.name), named));
      if (matches.length === 0)
        matches = firstMatches(found, { ...space, ids }, named, drift.print);
    }
    measured.push(cosineSpace(quadruplets, imageMeasure(space.name), { ...space, ids }, owners));
    if (space.name === SPLIT)
      measured.push(await splitOf(space, quadruplets, rows, owners, drift, progress));
  }
  const similarities = similaritiesOf(quadruplets, measured);
  return {
    similarities,
    result: {
      of: "pictures",
      templates,
      summary: summaryOf(similarities),
      statistics: driftStatistics(similarities, { seed: drift.seed }),
      matches,
      missing: found.missing,
      absent: absentNotes(similarities),
      support: [],
      leftOut: 0,
    },
  };
}

/** Of the encoder's rows of each image; absent where it gives one row an image. */
async function splitOf(
  { encoder }: Space,
  quadruplets: readonly Quadruplet[],
  rows: readonly Row[],
  owners: ReadonlyMap<string, string>,
  { split: variant }: ExploreDrift,
  progress: Progress,
): Promise<SpaceSimilarities> {
  if (!encoder?.tokens)
    return absentSpace(
      quadruplets,
      STUDY_SPACES.split,
      `${SPLIT} gives one row an image, and the split product is of rows of its parts`,
    );
  const order = new Map(
    quadruplets.flatMap(({ prompts }) => Object.values(prompts)).map(({ id }, i) => [id, i]),
  );
  const place = (id: string): number => order.get(owners.get(id) ?? "") ?? order.size;
  const pictures = new Map(
    rows.toSorted((a, b) => place(a.id) - place(b.id)).map(({ id, path }) => [id, path]),
  );
  return splitSpace(
    quadruplets,
    STUDY_SPACES.split,
    tokenReader(pictures, encoder),
    new Map([...owners].filter(([id]) => pictures.has(id))),
    { variant, progress },
  );
}

async function ofFaces(
  { data, name }: ExploreConfig,
  drift: ExploreDrift,
  { spaces, rows }: Open,
  groupings: readonly Grouping[],
  progress: Progress,
): Promise<Drift> {
  if (rows.some(({ numbers }) => numbers["age"] === undefined))
    throw new UsageError(
      `${name}: drift: expected prompts (data.source: prompts), or rows with a number age as UTKFace has, received ${data.source} rows without one`,
    );
  const by = drift.by === undefined ? null : groupings.find((of) => of.name === drift.by);
  if (by === undefined)
    throw new UsageError(
      `drift.by: ${drift.by}: expected one of ${groupings.map((of) => of.name).join(", ")}`,
    );
  const faces = rows.map(({ id, numbers }, row) => ({
    id,
    age: numbers["age"]!,
    label: by === null ? "all faces" : (by.values[by.codes[row]!] ?? null),
  }));
  const ids = rows.map(({ id }) => id);
  const prompts = Object.values(FACE_PROMPTS);
  const views: FaceSpace[] = [];
  for (const space of spaces) {
    const texts = space.texts ? await space.texts(prompts) : null;
    views.push({
      image: imageMeasure(space.name),
      images: { ...space, ids },
      text: texts && textMeasure(space.name),
      texts: texts && { ...texts, ids: prompts },
    });
  }
  const { similarities, statistics, support, leftOut } = faceDrift(
    faces,
    drift.bands,
    views,
    { seed: drift.seed },
    progress,
  );
  return {
    similarities,
    result: {
      of: "faces",
      templates: null,
      summary: faceSummary(similarities),
      statistics,
      matches: [],
      missing: [],
      absent: [],
      support,
      leftOut,
    },
  };
}
