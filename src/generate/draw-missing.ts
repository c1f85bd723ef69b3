/** @file Draws what is missing of a list of pictures, and tells of each where it is from. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { InterruptedError } from "../run/errors.ts";
import { removeTemporaries, writeFileAtomic } from "../run/files.ts";
import type { Progress } from "../run/progress.ts";
import { type Gate, type Patience, type Whole, drawOne } from "./draw-one.ts";
import {
  type Outcome,
  type Settings,
  type Wanted,
  factsOf,
  findPicture,
  openShelf,
  requireDistinct,
  seedOf,
} from "./find-pictures.ts";
import { type DrawnRecord, keyOf, openRecords, sha256 } from "./records.ts";
import { DrawError, type DrawRequest, type ImageSource, type Parameter } from "./source.ts";

export interface DrawOptions {
  /** Of the pictures and of their records. */
  readonly folder: string;
  /** Null to draw nothing: pictures that are not there are told as missing. */
  readonly source: ImageSource | null;
  readonly settings: Settings;
  /** Pictures asked for at a time. */
  readonly concurrency: number;
  readonly patience: Patience;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface DrawReport {
  /** In the order of what was wanted. */
  readonly outcomes: readonly Outcome[];
  /** Pictures that the source was asked for, each try counted. */
  readonly calls: number;
}

/**
 * Pictures that fail one after another before the rest is not asked for any more: the service is down. Those that it
 * refuses count until a first one came, for a wrong request is refused, too, each time.
 */
const GIVE_UP_AFTER = 10;

/**
 * Looks for each picture: drawn with these very settings by an earlier run, or put there by the user, or else it is drawn.
 * A picture that was drawn with other settings stays; the new one goes into a folder beside it, named by the settings.
 * Each picture is decoded before it is kept, and kept as soon as it came, so that an interrupted call goes on where it was.
 * One that fails for good is told as missing with its reason, and the rest goes on.
 * @throws {InterruptedError} when `signal` aborts; {DrawError} when no picture can come before the user changes something;
 *   {UsageError} for two prompts with one file
 */
export async function drawMissing(
  wanted: readonly Wanted[],
  options: DrawOptions,
): Promise<DrawReport> {
  requireDistinct(wanted);
  const { folder, source, settings, progress } = options;
  const shelf = await openShelf(folder);
  const outcomes = new Map<string, Outcome>();
  const jobs: Job[] = [];
  const prompts = new Map(wanted.map((one) => [one.prompt, one]));
  progress.start("looking for pictures", prompts.size);
  for (const { prompt, file } of prompts.values()) {
    const { negative, width, height, steps, guidance } = settings;
    const seed = seedOf(settings.seed, settings.seeds, prompt);
    const request = { prompt, negative, seed, width, height, steps, guidance };
    const key = source && keyOf(source, request);
    const found = await findPicture(shelf, file, settings, source, key);
    if (typeof found !== "string") outcomes.set(prompt, { prompt, reason: null, ...found });
    else if (source && key) jobs.push({ key, request, file: found, source });
    else outcomes.set(prompt, missing(prompt, seed, "no such picture, and no service to draw it"));
    progress.update(outcomes.size + jobs.length);
  }
  progress.stop();
  const calls = jobs.length === 0 ? 0 : await drawAll(jobs, options, outcomes);
  return { outcomes: wanted.map(({ prompt }) => outcomes.get(prompt)!), calls };
}

interface Job {
  readonly key: string;
  readonly request: DrawRequest;
  readonly file: string;
  readonly source: ImageSource;
}

const missing = (prompt: string, seed: number, reason: string): Outcome => ({
  prompt,
  origin: "missing",
  file: null,
  sha256: null,
  seed,
  model: null,
  reason,
});

/** @returns calls */
async function drawAll(
  jobs: readonly Job[],
  { folder, concurrency, patience, progress, signal }: DrawOptions,
  outcomes: Map<string, Outcome>,
): Promise<number> {
  await mkdir(folder, { recursive: true });
  await removeTemporaries(folder);
  const append = await openRecords(folder);
  const queue = [...jobs];
  const gate: Gate = { until: 0 };
  const halt = new AbortController();
  const stopping = AbortSignal.any([signal, halt.signal]);
  let calls = 0;
  let drawn = 0;
  let failed = 0;
  let inARow = 0;
  let givenUp: string | null = null;
  const counts = (): string => (failed > 0 ? `${failed} failed` : "");

  const fail = (job: Job, error: DrawError): void => {
    const { prompt, seed } = job.request;
    outcomes.set(prompt, missing(prompt, seed, error.message));
    failed++;
    if (error.remedy === "retry" || drawn === 0) inARow++;
    if (inARow >= GIVE_UP_AFTER) givenUp ??= error.message;
  };
  const draw = async (job: Job): Promise<void> => {
    const counted: ImageSource = {
      ...job.source,
      draw: (...asked) => {
        calls++;
        return job.source.draw(...asked);
      },
    };
    const told = (reason: string, waitMs: number): void =>
      progress.update(drawn + failed, `${reason}; again in ${Math.ceil(waitMs / 1000)} s`);
    let picture: Whole;
    try {
      picture = await drawOne(counted, job.request, patience, gate, stopping, told);
    } catch (thrown) {
      stopping.throwIfAborted();
      if (!(thrown instanceof DrawError) || thrown.remedy === "user") throw thrown;
      return fail(job, thrown);
    }
    const record = recordOf(job, picture);
    // first the record: a picture without one would be taken for the user's
    await append(record);
    await writeFileAtomic(join(folder, job.file), picture.png);
    outcomes.set(job.request.prompt, {
      prompt: job.request.prompt,
      origin: "drawn",
      file: job.file,
      ...factsOf(record),
      reason: null,
    });
    drawn++;
    inARow = 0;
  };
  const work = async (): Promise<void> => {
    for (let job = queue.shift(); job && !stopping.aborted; job = queue.shift()) {
      if (givenUp !== null) {
        const { prompt, seed } = job.request;
        const why = `not asked for: ${GIVE_UP_AFTER} before it failed one after another (${givenUp})`;
        outcomes.set(prompt, missing(prompt, seed, why));
        continue;
      }
      await draw(job);
      progress.update(drawn + failed, counts());
    }
  };
  progress.start("drawing", jobs.length);
  try {
    const workers = Array.from({ length: Math.min(concurrency, jobs.length) }, () =>
      work().catch((thrown: unknown) => halt.abort(thrown)),
    );
    await Promise.all(workers);
  } finally {
    progress.stop();
  }
  if (signal.aborted)
    throw new InterruptedError(
      `drawing was interrupted: ${drawn} of ${jobs.length} pictures that were missing are in ${folder}; the same command goes on`,
    );
  if (halt.signal.aborted) throw halt.signal.reason;
  return calls;
}

function recordOf({ key, request, file, source }: Job, picture: Whole): DrawnRecord {
  const { png, width, height, revisedPrompt } = picture;
  return {
    key,
    file,
    sha256: sha256(png),
    date: new Date().toISOString(),
    prompt: request.prompt,
    seed: request.seed,
    request: { ...request },
    not_sent: (Object.keys(request) as Parameter[]).filter((name) => !source.sends.includes(name)),
    source: { ...source.about },
    width,
    height,
    ...(revisedPrompt && { revised_prompt: revisedPrompt }),
  };
}
