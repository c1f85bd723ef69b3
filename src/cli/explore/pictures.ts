/** @file The pictures of prompts: those that are there, and those that a service draws. */
import { join } from "node:path";
import { type Pictures, readPictures } from "../../explore/drift/manifest.ts";
import { activitiesOf, readActivities } from "../../explore/drift/activities.ts";
import { fileNameOf } from "../../explore/drift/file-names.ts";
import { type Prompt, quadrupletsOf } from "../../explore/drift/templates.ts";
import { drawMissing } from "../../generate/draw-missing.ts";
import { writeManifest } from "../../generate/manifest.ts";
import { drawingOptions, openSource } from "../../generate/open-source.ts";
import type { ExploreData } from "../../run/config/explore.ts";
import { UsageError } from "../../run/errors.ts";
import type { Progress } from "../../run/progress.ts";

type PromptData = Extract<ExploreData, { source: "prompts" }>;

export interface PromptRows extends Pictures {
  /** Of every quadruplet, whether or not its pictures are there. */
  readonly all: readonly Prompt[];
}

/** What was drawn, where, with which seed: a table that can be named as `data.images` itself. */
const DRAWN = "pictures.csv";

/** @throws UsageError when no picture is there; whatever a service that cannot go on throws */
export async function promptRows(
  { activities, templates, images, service }: PromptData,
  progress: Progress,
  signal: AbortSignal,
): Promise<PromptRows> {
  const list =
    typeof activities === "string" ? await readActivities(activities) : activitiesOf(activities);
  const all = quadrupletsOf(list, templates);
  if (!service) return { ...(await readPictures(images, all)), all };
  if (/\.[ct]sv$/i.test(images))
    throw new UsageError(
      `data.images ${images}: expected a folder that drawn pictures go to, received a table; leave data.service out to read it`,
    );
  const { outcomes } = await drawMissing(
    all.map(({ text }) => ({ prompt: text, file: fileNameOf(text) })),
    {
      folder: images,
      source: await openSource(service),
      ...drawingOptions(service),
      progress,
      signal,
    },
  );
  const byText = new Map(all.map((prompt) => [prompt.text, prompt]));
  const table = join(images, DRAWN);
  await writeManifest(table, images, outcomes, (text) => {
    const { group, activity, category } = byText.get(text)!;
    return { group, activity, category: category ?? "" };
  });
  const found = await readPictures(table, all);
  const reasons = new Map(outcomes.map(({ prompt, reason }) => [prompt, reason]));
  return {
    ...found,
    missing: found.missing.map(({ prompt, reason }) => ({
      prompt,
      reason: reasons.get(prompt.text) ?? reason,
    })),
    all,
  };
}
