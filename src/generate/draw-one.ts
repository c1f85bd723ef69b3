/** @file One picture from a source: limit in time, tries with growing pauses, and a look at what came. */
import { setTimeout as sleep } from "node:timers/promises";
import sharp from "sharp";
import { decodeImage } from "../data/decode.ts";
import type { Raster } from "../data/raster.ts";
import { messageOf } from "../run/errors.ts";
import { random } from "../run/random.ts";
import { DrawError, type DrawRequest, type Drawing, type ImageSource } from "./source.ts";

export interface Patience {
  /** For one answer. */
  readonly timeoutSeconds: number;
  /** After the first try. */
  readonly retries: number;
  /** Before the second try; each further pause may be twice as long, up to a minute. */
  readonly pauseMs: number;
}

/** A whole picture. */
export interface Whole {
  /** Of a PNG file. */
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly revisedPrompt?: string;
}

/** What the pictures of a run share: how long the service asks all of them to wait. */
export interface Gate {
  /** As `Date.now()` counts. */
  until: number;
}

const LONGEST_PAUSE = 60_000;
/** A service that wants more than this is for another day. */
const LONGEST_WAIT = 15 * 60_000;

/**
 * Pauses are drawn at random up to their length ("full jitter"), so that pictures that failed together do not return
 * together; what `Retry-After` says is kept by all.
 * @param told hears why a try failed and how long the pause is
 * @throws {DrawError} when the picture is given up, "retry" where all tries were in vain; what `signal` was aborted with
 */
export async function drawOne(
  source: ImageSource,
  request: DrawRequest,
  { timeoutSeconds, retries, pauseMs }: Patience,
  gate: Gate,
  signal: AbortSignal,
  told: (reason: string, waitMs: number) => void,
): Promise<Whole> {
  const jitter = random(request.seed, "pauses", request.prompt);
  for (let tried = 1; ; tried++) {
    for (let wait = gate.until - Date.now(); wait > 0; wait = gate.until - Date.now())
      await sleep(wait, undefined, { signal });
    try {
      return await answerOf(source, request, timeoutSeconds, signal);
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof DrawError) || thrown.remedy !== "retry") throw thrown;
      const { message, waitMs } = thrown;
      if (waitMs !== null && waitMs > LONGEST_WAIT) {
        const minutes = Math.ceil(waitMs / 60_000);
        throw new DrawError(`${message}; it asks to wait ${minutes} minutes: go on then`, "user");
      }
      if (tried > retries)
        throw new DrawError(tried === 1 ? message : `${message} (tried ${tried} times)`, "retry");
      const longest = Math.min(LONGEST_PAUSE, pauseMs * 2 ** (tried - 1));
      const pause = jitter.uniform(0, longest);
      if (waitMs !== null) gate.until = Math.max(gate.until, Date.now() + waitMs);
      told(message, Math.max(waitMs ?? 0, pause));
      await sleep((waitMs ?? 0) + pause, undefined, { signal });
    }
  }
}

async function answerOf(
  source: ImageSource,
  request: DrawRequest,
  timeoutSeconds: number,
  signal: AbortSignal,
): Promise<Whole> {
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
  const both = AbortSignal.any([signal, timeout]);
  const late = new Promise<never>((_, reject) =>
    both.addEventListener("abort", () => reject(both.reason), { once: true }),
  );
  try {
    // a source that does not heed its signal is not waited for either
    const drawing = await Promise.race([source.draw(request, both), late]);
    return await wholeOf(drawing);
  } catch (thrown) {
    if (!signal.aborted && timeout.aborted)
      throw new DrawError(`no picture within ${timeoutSeconds} s`, "retry", { cause: thrown });
    throw thrown;
  }
}

const PNG = [0x89, 0x50, 0x4e, 0x47];
const isPng = (bytes: Uint8Array): boolean => PNG.every((byte, i) => bytes[i] === byte);

/** A PNG stays as it came, with what it says of itself; other formats become one, pixel for pixel. */
async function wholeOf({ bytes, ...rest }: Drawing): Promise<Whole> {
  const raster = await decodeImage(bytes).catch((cause: unknown) => {
    const reason = messageOf(cause).replace(/^an image of \d+ bytes: /, "");
    const [what] = reason.split("; ");
    throw new DrawError(`its answer of ${bytes.length} bytes: ${what}`, "retry", { cause });
  });
  if (isFlat(raster))
    throw new DrawError(
      `its picture has one colour only, as those have that a safety filter took away`,
      "none",
    );
  const { width, height } = raster;
  return { png: isPng(bytes) ? bytes : await toPng(raster), width, height, ...rest };
}

function isFlat({ data }: Raster): boolean {
  for (let i = 3; i < data.length; i++) if (data[i] !== data[i - 3]) return false;
  return true;
}

const toPng = ({ data, width, height }: Raster): Promise<Uint8Array> =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
