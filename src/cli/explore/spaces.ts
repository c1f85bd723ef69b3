/** @file The embedding spaces of an exploration: its rows as each encoder has them, and as an eraser leaves them. */
import { groupBy } from "../../data/cells.ts";
import type { Rejected, Row } from "../../data/row.ts";
import { applyEach, fitEach } from "../../debias/compose.ts";
import type { EraserMethod } from "../../debias/eraser.ts";
import { erasers } from "../../debias/erasers.ts";
import type { Grouping } from "../../explore/grouping.ts";
import type { ExploreConfig } from "../../run/config/explore.ts";
import { UsageError } from "../../run/errors.ts";
import { type Embeddings, takeRows, unitRows } from "../../run/linalg/embeddings.ts";
import type { Progress } from "../../run/progress.ts";
import { random } from "../../run/random.ts";
import { embedRows, embedTexts } from "./embed.ts";
import { EncoderAbsentError, type OpenedEncoder, encoderName, openEncoder } from "./encoders.ts";

export interface Space extends Embeddings {
  readonly name: string;
  /** What tells its embeddings from others. */
  readonly about: Readonly<Record<string, string>>;
  /** Which of the exploration's rows it has. [n] */
  readonly rows: readonly number[];
  /** Embeds texts into it; null for an encoder without a text side. */
  readonly texts: ((texts: readonly string[]) => Promise<Embeddings>) | null;
  /** Whether its embeddings, and its texts if any, were read from files. */
  readonly isFile: boolean;
  /** Null for the space of an eraser. */
  readonly encoder: OpenedEncoder | null;
  /** The space that it is compared with. */
  readonly before: Space | null;
}

export interface OpenSpaces {
  /** One an encoder; all have all rows. */
  readonly spaces: readonly Space[];
  /** Those that every encoder has. */
  readonly rows: readonly Row[];
  /** Where these lie among the rows given. */
  readonly kept: readonly number[];
  readonly bad: readonly Rejected[];
  /** Encoders that cannot be had. */
  readonly absent: readonly { readonly encoder: string; readonly reason: string }[];
  readonly notes: readonly string[];
  readonly dispose: () => Promise<void>;
}

export interface SpaceOptions {
  readonly maxBad: number;
  /** Where embeddings are kept. */
  readonly folder: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Images at a time. */
const BATCH = 32;

/** Opens encoders; one that cannot be had is told of, unless it is the first. */
export async function openEncoders(
  encoders: ExploreConfig["encoders"],
  progress: Progress,
): Promise<Pick<OpenSpaces, "absent"> & { readonly opened: readonly OpenedEncoder[] }> {
  const names = encoders.map(encoderName);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new UsageError(
      `encoders: two are called ${twice}; name one of them with as, such as as: ${twice}-2`,
    );
  const opened: OpenedEncoder[] = [];
  const absent: { encoder: string; reason: string }[] = [];
  for (const spec of encoders)
    try {
      opened.push(await openEncoder(spec, BATCH, progress));
    } catch (thrown) {
      if (!(thrown instanceof EncoderAbsentError) || opened.length === 0) throw thrown;
      absent.push({ encoder: thrown.encoder, reason: thrown.reason });
    }
  return { opened, absent };
}

/** Embeds the rows by each encoder; rows that one of them does not have are left out everywhere. */
export async function openSpaces(
  opened: readonly OpenedEncoder[],
  rows: readonly Row[],
  normalise: boolean,
  { maxBad, folder, progress, signal }: SpaceOptions,
): Promise<Omit<OpenSpaces, "absent">> {
  const embedded = [];
  for (const encoder of opened)
    embedded.push(await embedRows(rows, encoder, { normalise, maxBad, folder, progress, signal }));
  const counts = new Int32Array(rows.length);
  for (const { kept } of embedded) for (const row of kept) counts[row]! += 1;
  const kept = [...rows.keys()].filter((row) => counts[row] === embedded.length);
  if (kept.length === 0) throw new UsageError("no row has an embedding by every encoder");
  const spaces = embedded.map(({ x, d, kept: own, about }, e): Space => {
    const place = new Map(own.map((row, i) => [row, i]));
    const encoder = opened[e]!;
    return {
      name: encoder.name,
      about,
      rows: [...kept.keys()],
      x:
        kept.length === own.length
          ? x
          : takeRows(
              x,
              d,
              kept.map((row) => place.get(row)!),
            ),
      n: kept.length,
      d,
      texts: encoder.texts
        ? (texts) => embedTexts(texts, encoder, { normalise, folder, progress, signal })
        : null,
      isFile: encoder.file !== null,
      encoder,
      before: null,
    };
  });
  const bad = new Map(embedded.flatMap((of) => of.bad.map((file) => [file.id, file] as const)));
  return {
    spaces,
    rows: kept.map((row) => rows[row]!),
    kept,
    bad: [...bad.values()],
    notes: embedded.flatMap(({ notes }) => notes),
    dispose: async () => {
      for (const encoder of opened) await encoder.dispose();
    },
  };
}

/**
 * The first space without the concepts, by each method: erasers are fitted on some of the rows, and both spaces, before
 * and after, hold the others alone, without near-duplicates of those.
 * @param copies rows of one number are near-duplicates [n]
 * @throws UsageError when a concept is no attribute, or a row of the fit lacks it
 */
export function debiasedSpaces(
  space: Space,
  copies: Int32Array,
  groupings: readonly Grouping[],
  { methods, concepts, train, seed }: NonNullable<ExploreConfig["debias"]>,
  normalise: boolean,
): readonly Space[] {
  const wanted = concepts.map((concept) => {
    const found = groupings.find(({ name }) => name === concept);
    if (!found)
      throw new UsageError(
        `debias.concepts: ${concept}: expected one of ${groupings.map(({ name }) => name).join(", ") || "no attributes: the data has none"}`,
      );
    return found;
  });
  const labelled = [...space.rows.keys()].filter((i) =>
    wanted.every(({ codes }) => codes[space.rows[i]!]! >= 0),
  );
  const shuffled = random(seed, "debias").shuffle(labelled);
  const wholes = groupBy(shuffled, (i) => String(copies[i]));
  const fitted: number[] = [];
  for (const rows of wholes.values())
    if (fitted.length < Math.round(train * shuffled.length)) fitted.push(...rows);
  const isFitted = new Set(fitted.map((i) => copies[i]!));
  const others = [...space.rows.keys()].filter((i) => !isFitted.has(copies[i]!));
  if (fitted.length < 2 || others.length < 2)
    throw new UsageError(
      `debias.train: ${train} of ${labelled.length} labelled rows leaves ${fitted.length} to fit erasers on and ${others.length} to look at; expected at least 2 of each`,
    );
  const part = (name: string, of: Embeddings, before: Space | null): Space => ({
    ...of,
    name,
    about: space.about,
    rows: others.map((i) => space.rows[i]!),
    texts: space.texts, // erasers change images alone
    isFile: space.isFile,
    encoder: null,
    before,
  });
  const { d } = space;
  const rest: Embeddings = { x: takeRows(space.x, d, others), n: others.length, d };
  const fitRows: Embeddings = { x: takeRows(space.x, d, fitted), n: fitted.length, d };
  const labels = wanted.map(({ codes }) => Int32Array.from(fitted, (i) => codes[space.rows[i]!]!));
  const before = part(`${space.name}, held-out rows`, rest, null);
  return [
    before,
    ...methods.map((name) => {
      const method: EraserMethod<object> = erasers[name];
      const chain = method.joint
        ? [method.joint(fitRows, labels)]
        : fitEach((data) => method.fit(data), fitRows, labels);
      const of = applyEach(chain, rest);
      return part(
        `${space.name} without ${concepts.join(" and ")} (${name})`,
        normalise ? unitRows(of) : of,
        before,
      );
    }),
  ];
}
