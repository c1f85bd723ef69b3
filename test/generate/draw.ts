/** @file What tests of drawing share: temporary folders, servers that end with the test, options that are quick to fail. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { DrawOptions } from "../../src/generate/draw-missing.ts";
import type { Wanted } from "../../src/generate/find-pictures.ts";
import { openAiSource } from "../../src/generate/openai.ts";
import type { ImageSource } from "../../src/generate/source.ts";
import { silent } from "../../src/run/progress.ts";
import { type Answer, type Asked, type ImageServer, serveImages } from "./image-server.ts";

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "equiclip-generate-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function server(
  answer?: (n: number, asked: Asked) => Answer,
  delay?: number,
): Promise<ImageServer> {
  const started = await serveImages(answer, delay);
  onTestFinished(() => started.close());
  return started;
}

export const local = (url: string): ImageSource =>
  openAiSource({ url, model: "sdxl", keyVariable: "OPENAI_API_KEY" });

/** Pauses of milliseconds; give only what the test is about. */
export const options = (given: Partial<DrawOptions> = {}): DrawOptions => ({
  folder: given.folder ?? temporaryFolder(),
  source: null,
  settings: {
    negative: "a drawing",
    seed: 123,
    seeds: "shared",
    width: 768,
    height: 768,
    steps: 20,
    guidance: 7.5,
  },
  concurrency: 1,
  patience: { timeoutSeconds: 5, retries: 3, pauseMs: 2 },
  progress: silent,
  signal: new AbortController().signal,
  ...given,
});

export const wanted = (...names: readonly string[]): Wanted[] =>
  names.map((name) => ({ prompt: `a person ${name}`, file: `a_person_${name}.png` }));

/** `count` pictures. */
export const many = (count: number): Wanted[] =>
  wanted(...Array.from({ length: count }, (_, i) => `number${i}`));
