/** @file A folder per label: `root/<label>/.../image.jpg`. */
import { resolve } from "node:path";
import { requireRows } from "./accept.ts";
import { isImageName, listFiles } from "./list-files.ts";
import type { Manifest, Rejected, Row } from "./row.ts";

/**
 * Reads images whose label is the name of the top folder they lie in.
 *
 * @param attribute the name that the label gets, for instance `gender`
 * @param allowed the labels to accept, by default every folder name
 * @throws UsageError when the folder is missing or empty, or holds no labelled image
 */
export async function readFolder(
  root: string,
  attribute: string,
  allowed?: readonly string[],
): Promise<Manifest> {
  const rows: Row[] = [];
  const rejected: Rejected[] = [];
  for (const id of await listFiles(root)) {
    const [label, ...rest] = id.split("/");
    if (rest.length === 0) {
      rejected.push({ id, reason: `lies beside the label folders, expected <${attribute}>/${id}` });
    } else if (!isImageName(id)) {
      rejected.push({ id, reason: "the name has no image suffix (.jpg, .png, .webp, .tiff, ...)" });
    } else if (allowed && !allowed.includes(label!)) {
      const expected = allowed.join(", ");
      rejected.push({ id, reason: `${attribute}: expected ${expected}, received "${label}"` });
    } else {
      rows.push({
        id,
        path: resolve(root, id),
        labels: { [attribute]: label! },
        numbers: {},
        split: null,
        weight: 1,
        origin: null,
        cluster: null,
      });
    }
  }
  return requireRows({ source: root, rows, rejected }, `images in <${attribute}>/ folders`);
}
