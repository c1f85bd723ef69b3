/** @file Images without labels: every one below a folder. */
import { resolve } from "node:path";
import { requireRows } from "./accept.ts";
import { isImageName, listFiles } from "./list-files.ts";
import type { Manifest, Rejected, Row } from "./row.ts";

/**
 * Reads a folder of images, and of folders of them. Other files are rejected.
 * @throws UsageError when the folder is missing or holds no image
 */
export async function readImages(root: string): Promise<Manifest> {
  const rows: Row[] = [];
  const rejected: Rejected[] = [];
  for (const id of await listFiles(root))
    if (isImageName(id))
      rows.push({
        id,
        path: resolve(root, id),
        labels: {},
        numbers: {},
        split: null,
        weight: 1,
        origin: null,
        cluster: null,
      });
    else rejected.push({ id, reason: "the name has no image suffix (.jpg, .png, .webp, ...)" });
  return requireRows({ source: root, rows, rejected }, "images");
}
