/** @file A picture of pictures for every cluster: those nearest to its centre, and some drawn at random. */
import { join } from "node:path";
import { contactSheet, sheetRows } from "../../report/explore/contact-sheet.ts";
import { fileWord } from "../../report/explore/charts-of.ts";
import { count, decimal } from "../../report/format.ts";
import { writeFileAtomic } from "../../run/files.ts";
import type { Progress } from "../../run/progress.ts";
import type { ExploreFolder } from "./folder.ts";
import type { Explored } from "./explored.ts";
import { prune } from "./prune.ts";

/** Clusters beyond which sheets are not looked at: DBSCAN may find hundreds. */
const MOST_CLUSTERS = 50;

export async function writeSheets(
  { config: { sheets }, hasImages, rows, analysed }: Explored,
  { sheets: folder }: ExploreFolder,
  progress: Progress,
): Promise<void> {
  if (!sheets || !hasImages) return prune(folder, [".png"]);
  const written = new Set<string>();
  for (const { space, clusters } of analysed)
    for (const { clustering, result } of clusters) {
      const drawn = Math.min(clustering.clusters, MOST_CLUSTERS);
      progress.start(`sheets of ${result.name}, ${space.name}`, drawn);
      for (let c = 0; c < drawn; c++) {
        const { nearest, random: others } = sheetRows(clustering, c, sheets, 0);
        const words = result.names[c]?.words;
        const file = `${fileWord(space.name)}-${fileWord(result.name)}-${String(c).padStart(2, "0")}.png`;
        const tilesOf = (some: readonly number[]) =>
          some.map((i) => ({
            picture: { image: rows[space.rows[i]!]!.path },
            label: decimal(clustering.distances[i]!),
          }));
        await writeFileAtomic(
          join(folder, file),
          await contactSheet(
            `Cluster ${c}${words ? `: ${words.join(", ")}` : ""} (${count(result.sizes[c]!)} images)`,
            [
              { title: "Nearest to the centre, with their distance", tiles: tilesOf(nearest) },
              { title: "Drawn at random from the others", tiles: tilesOf(others) },
            ],
          ),
          false,
        );
        written.add(file);
        progress.update(c + 1);
      }
    }
  await prune(folder, [".png"], written);
  progress.stop();
}
