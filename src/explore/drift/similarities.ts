/** @file How alike the four prompts of an activity are, and their pictures, in one space. */
import { UsageError } from "../../run/errors.ts";
import { type Embeddings, checkEmbeddings } from "../../run/linalg/embeddings.ts";
import { cosine as rowCosine } from "../cosines.ts";
import type { Pictures } from "./manifest.ts";
import { type Space, STUDY_SPACES } from "./spaces.ts";
import { type Activity, type Group, type Prompt, GROUPS } from "./templates.ts";

/** All pairs of groups: those of the neutral prompt first, then what these are held against. */
export const PAIRS = [
  ["neutral", "young"],
  ["neutral", "middle"],
  ["neutral", "older"],
  ["young", "middle"],
  ["young", "older"],
  ["middle", "older"],
] as const satisfies readonly (readonly [Group, Group])[];

/** The ages, at the places of their pairs with the neutral prompt in PAIRS. */
export const AGES = ["young", "middle", "older"] as const satisfies readonly Group[];
export type Age = (typeof AGES)[number];

/** The four prompts of an activity. */
export interface Quadruplet extends Activity {
  /** In tables: the neutral prompt, or what stands for an activity. */
  readonly name: string;
  readonly prompts: Readonly<Record<Group, Prompt>>;
}

/** Embeddings with the names of their rows. [n, d] */
export interface NamedEmbeddings extends Embeddings {
  /** Unique. [n] */
  readonly ids: readonly string[];
}

/** Of each quadruplet, in the order of PAIRS; null where one of the two has no vector. */
export type PairValues = readonly (number | null)[];

export interface SpaceSimilarities {
  readonly space: Space;
  /** Why the neutral prompt has no similarities at all; null where it may have some. */
  readonly reason: string | null;
  /** [quadruplets][6] */
  readonly values: readonly PairValues[];
  /** Prompts that no vector belongs to. */
  readonly without: readonly string[];
}

/** What a study is made of: quadruplets, and how alike they are in every space. */
export interface Similarities {
  readonly quadruplets: readonly Quadruplet[];
  readonly spaces: readonly SpaceSimilarities[];
}

/**
 * Puts spaces together: the study's six in its order, then others in the order given. Of the six that are not given it
 * says that no encoder stands for them.
 */
export function similaritiesOf(
  quadruplets: readonly Quadruplet[],
  given: readonly SpaceSimilarities[],
): Similarities {
  const study = Object.values(STUDY_SPACES).map(
    (space) =>
      given.find((of) => of.space.key === space.key) ??
      absentSpace(quadruplets, space, "no encoder of this exploration stands for it"),
  );
  return { quadruplets, spaces: [...study, ...given.filter((of) => !study.includes(of))] };
}

/** Prompts by activity, in the order of their first one. Throws UsageError where one of the four is not there. */
export function groupPrompts(prompts: readonly Prompt[]): Quadruplet[] {
  const byActivity = new Map<string, Partial<Record<Group, Prompt>>>();
  for (const prompt of prompts) {
    const of = byActivity.get(prompt.activity) ?? {};
    byActivity.set(prompt.activity, { ...of, [prompt.group]: prompt });
  }
  return [...byActivity].map(([activity, of]) => {
    const { neutral, young, middle, older } = of;
    if (!neutral || !young || !middle || !older)
      throw new UsageError(
        `prompts of "${activity}": expected ${GROUPS.join(", ")}, received ${Object.keys(of).join(", ")}`,
      );
    return {
      name: neutral.text,
      activity,
      category: neutral.category,
      prompts: { neutral, young, middle, older },
    };
  });
}

/** The prompt that each picture shows, by their ids. */
export const ownersOf = ({ manifest, prompts }: Pictures): ReadonlyMap<string, string> =>
  new Map(manifest.rows.map(({ id }, i) => [id, prompts[i]!.id]));

/**
 * Cosine of two vectors; null when one of them is zero.
 * @throws {UsageError} when their lengths differ: they are of two spaces, and cutting one would compare nothing
 */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  if (a.length !== b.length)
    throw new UsageError(
      `cosine: expected two vectors of one length, received ${a.length} and ${b.length} numbers; encode both with the same model`,
    );
  return rowCosine(a, 0, b, 0, a.length);
}

/**
 * Cosines in one space. Rows are found by their ids, so it does not matter in which order, or in how many runs, they
 * were encoded. Of a prompt with several pictures, the cosines of all pairs of pictures are averaged.
 * @param embeddings named by prompts' ids, or by the ids of pictures
 * @param owners the prompt of each picture; without it, rows are named by prompts
 * @throws {UsageError} when an id occurs twice, or the numbers are not n x d
 */
export function cosineSpace(
  quadruplets: readonly Quadruplet[],
  space: Space,
  embeddings: NamedEmbeddings,
  owners: ReadonlyMap<string, string> | null = null,
): SpaceSimilarities {
  const { ids, x, d } = embeddings;
  checkEmbeddings(embeddings);
  if (ids.length !== embeddings.n || new Set(ids).size !== ids.length)
    throw new UsageError(
      `${space.words}: expected ${embeddings.n} different names of rows, received ${new Set(ids).size}`,
    );
  const rows = byPrompt(
    ids.map((id, row) => [id, row]),
    owners,
  );
  const of = ({ id }: Prompt): readonly ArrayLike<number>[] =>
    (rows.get(id) ?? []).map((row) => x.subarray(row * d, (row + 1) * d));
  return collect(
    quadruplets,
    space,
    quadruplets.map(({ prompts }) => pairValues(prompts, of, cosine)),
    (prompt) => of(prompt).length > 0,
  );
}

/** What belongs to each prompt: things named by prompts, or by pictures with owners. */
export function byPrompt<T>(
  named: readonly (readonly [id: string, thing: T])[],
  owners: ReadonlyMap<string, string> | null,
): ReadonlyMap<string, T[]> {
  const of = new Map<string, T[]>();
  for (const [id, thing] of named) {
    const prompt = owners ? owners.get(id) : id;
    if (prompt !== undefined) of.set(prompt, [...(of.get(prompt) ?? []), thing]);
  }
  return of;
}

/** A space that there is nothing in. */
export const absentSpace = (
  quadruplets: readonly Quadruplet[],
  space: Space,
  reason: string,
): SpaceSimilarities => ({
  space,
  reason,
  values: quadruplets.map(() => PAIRS.map(() => null)),
  without: [],
});

/** Puts the values of a space together with the prompts that have none. */
export const collect = (
  quadruplets: readonly Quadruplet[],
  space: Space,
  values: readonly PairValues[],
  has: (prompt: Prompt) => boolean,
): SpaceSimilarities => ({
  space,
  reason: values.some((pairs) => pairs.some((value) => value !== null))
    ? null
    : `no two ${space.of === "texts" ? "prompts" : "pictures"} of a quadruplet are there`,
  values,
  without: quadruplets.flatMap(({ prompts }) =>
    GROUPS.map((group) => prompts[group]).flatMap((prompt) => (has(prompt) ? [] : [prompt.id])),
  ),
});

/** The six values of one quadruplet: means over all pairs of what belongs to two prompts. */
export function pairValues<T>(
  prompts: Quadruplet["prompts"],
  of: (prompt: Prompt) => readonly T[],
  similarity: (a: T, b: T) => number | null,
): PairValues {
  return PAIRS.map(([one, other]) => {
    const all = of(prompts[one]).flatMap((a) => of(prompts[other]).map((b) => similarity(a, b)));
    const defined = all.filter((value) => value !== null);
    return defined.length === 0
      ? null
      : defined.reduce((sum, value) => sum + value, 0) / defined.length;
  });
}
