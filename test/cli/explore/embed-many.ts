/** @file Embeds a folder in a process of its own: prints how many rows, and the most memory that it took. */
import { embedRows } from "../../../src/cli/explore/embed.ts";
import { openEncoder } from "../../../src/cli/explore/encoders.ts";
import { openRows } from "../../../src/cli/explore/rows.ts";
import { thumbnailsOf } from "../../../src/cli/explore/thumbnails.ts";
import { silent } from "../../../src/run/progress.ts";

const [path, folder] = process.argv.slice(2) as [string, string];
const { rows } = await openRows({ source: "images", path, maxBad: 0 }, null);
const size = { kind: "pixels", size: 8 } as const;
const spec = { ...size, lightness: "luma", range: "unit", fit: "stretch" } as const;
const encoder = await openEncoder(spec, 32, silent);
const options = { folder, signal: new AbortController().signal, progress: silent };
const { n, d, computed } = await embedRows(rows, encoder, {
  ...options,
  normalise: true,
  maxBad: 0,
});
const pictures = await thumbnailsOf(
  rows.map((row) => row.path),
  options,
);
const thumbnails = pictures.filter((jpeg) => jpeg !== null).length;
const megabytes = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ n, d, computed, thumbnails, megabytes }));
process.exit(0);
