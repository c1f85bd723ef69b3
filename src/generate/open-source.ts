/** @file What a config's `service` section says: who draws, what is asked for, and how patiently. */
import type { ImageService } from "../run/config/image-service.ts";
import { UsageError } from "../run/errors.ts";
import { commandSource } from "./command.ts";
import type { DrawOptions } from "./draw-missing.ts";
import { huggingFaceSource } from "./huggingface.ts";
import { OPENAI, endpointOf, openAiSource } from "./openai.ts";
import type { ImageSource } from "./source.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Hosts that the usual variable's key is for. Others get a key only when the config names its variable. */
const HOME = {
  openai: /(^|\.)openai\.com$/,
  huggingface: /(^|\.)huggingface\.(co|cloud)$/,
} as const;
const VARIABLE = { openai: "OPENAI_API_KEY", huggingface: "HF_TOKEN" } as const;

/**
 * Keys are read from the environment, and sent to nobody but the service they are for.
 * @throws {UsageError} for a key that is not there, a wrong address or command, a package that is not installed
 */
export async function openSource(
  service: ImageService,
  environment: Environment = process.env,
): Promise<ImageSource> {
  if (service.kind === "command") return commandSource(service.command);
  const { kind, url, model, extra } = service;
  const keyVariable = service.keyVariable ?? VARIABLE[kind];
  const host = kind === "openai" ? endpointOf(url ?? OPENAI).hostname : hostOf(url);
  const isHome = host === null || HOME[kind].test(host);
  const key =
    isHome || service.keyVariable !== undefined ? environment[keyVariable] || undefined : undefined;
  if (key === undefined && (isHome || service.keyVariable !== undefined))
    throw new UsageError(
      `${host ?? "Hugging Face"} wants a key, and the environment variable ${keyVariable} is not set; set it, or name another as service.keyVariable`,
    );
  const common = { url, model, key, keyVariable, extra };
  return service.kind === "openai"
    ? openAiSource(common)
    : huggingFaceSource({ ...common, provider: service.provider });
}

function hostOf(url: string | undefined): string | null {
  if (url === undefined) return null;
  if (!URL.canParse(url))
    throw new UsageError(`service.url: expected an address, received "${url}"`);
  return new URL(url).hostname;
}

/** What study 000 kept out of its pictures. */
const NEGATIVE =
  "painting, cartoon, anime, render, artwork, 3d render, unrealistic, vector art,cgi, render, deformed hands, extra limbs, bad anatomy, abstract, digital art, drawing, illustration, sketch, doodle, graphic design, black and white, B/W, sepia";

/** The options of `drawMissing` that the section holds; between tries it pauses up to 1, 2, 4, ... seconds. */
export function drawingOptions({
  size,
  negative = NEGATIVE,
  steps,
  guidance,
  seed,
  seeds,
  concurrency,
  retries,
  timeoutSeconds,
}: ImageService): Pick<DrawOptions, "settings" | "concurrency" | "patience"> {
  return {
    settings: { negative, width: size, height: size, steps, guidance, seed, seeds },
    concurrency,
    patience: { timeoutSeconds, retries, pauseMs: 1000 },
  };
}
