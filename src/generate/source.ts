/** @file Who draws pictures: the interface of a service or program that makes an image of a prompt. */
import { EquiclipError } from "../run/errors.ts";

/** What a picture is asked for with. */
export interface DrawRequest {
  readonly prompt: string;
  /** What the picture should not show; empty for nothing. */
  readonly negative: string;
  /** Of the noise that the picture is made from. */
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  /** Of the diffusion. */
  readonly steps: number;
  /** How strictly the prompt is followed. */
  readonly guidance: number;
}
export type Parameter = keyof DrawRequest;

/** A service's answer: the bytes of an image file. */
export interface Drawing {
  readonly bytes: Uint8Array;
  /** The prompt that was drawn, where the service rewrote it. */
  readonly revisedPrompt?: string;
}

export interface ImageSource {
  /** What tells its pictures from others': service, address, model and whatever else it is sent each time. */
  readonly about: Readonly<Record<string, string>>;
  /** Parameters that are handed on; the others cannot be chosen there, and that is recorded. */
  readonly sends: readonly Parameter[];
  /** @throws {DrawError} when no picture comes; whatever `signal` was aborted with */
  draw(request: DrawRequest, signal: AbortSignal): Promise<Drawing>;
}

/**
 * What can still be done about a picture that did not come: ask again (timeouts, 429, 5xx); nothing, for this picture
 * (refused by a content filter); nothing for any, before the user changes something (a wrong key, no credit).
 */
export type Remedy = "retry" | "none" | "user";

/** Why a picture did not come, in one line. */
export class DrawError extends EquiclipError {
  override name = "DrawError";
  readonly remedy: Remedy;
  /** Milliseconds that the service asks to wait for; null when it does not say. */
  readonly waitMs: number | null;
  constructor(
    message: string,
    remedy: Remedy,
    { waitMs = null, cause }: { waitMs?: number | null; cause?: unknown } = {},
  ) {
    super(message, 1, { cause });
    this.remedy = remedy;
    this.waitMs = waitMs;
  }
}
