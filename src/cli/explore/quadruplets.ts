/** @file A picture for each quadruplet: its four pictures, with how alike each is to the neutral one. */
import { join } from "node:path";
import { fileNameOf } from "../../explore/drift/file-names.ts";
import { ownersOf } from "../../explore/drift/similarities.ts";
import { GROUPS } from "../../explore/drift/templates.ts";
import { panelValues } from "../../report/explore/tables/drift.ts";
import { quadrupletFigure } from "../../report/explore/quadruplet.ts";
import { writeFileAtomic } from "../../run/files.ts";
import type { Progress } from "../../run/progress.ts";
import type { Drift } from "./drift.ts";
import type { ExploreFolder } from "./folder.ts";
import type { Explored } from "./explored.ts";

export async function writeQuadruplets(
  { prompts, rows }: Explored,
  { similarities }: Drift,
  folder: ExploreFolder,
  progress: Progress,
): Promise<void> {
  const { quadruplets } = similarities;
  const owners = ownersOf(prompts!);
  const pathOf = new Map(rows.map(({ id, path }) => [owners.get(id), path]));
  const pictureOf = (prompt: string) => {
    const image = pathOf.get(prompt);
    return image === undefined ? { missing: "no picture" } : { image };
  };
  progress.start("pictures of quadruplets", quadruplets.length);
  for (const [q, { activity, prompts: of }] of quadruplets.entries()) {
    const panels = panelValues(similarities, q).map((panel, i) => ({
      ...panel,
      picture: pictureOf(of[GROUPS[i]!].id),
    }));
    const name = fileNameOf(activity);
    await writeFileAtomic(
      join(folder.quadruplets, name),
      await quadrupletFigure(activity, panels),
      false,
    );
    progress.update(q + 1);
  }
  progress.stop();
}
