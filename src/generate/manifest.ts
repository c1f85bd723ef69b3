/** @file The pictures of an exploration as a table that its data source, or anyone else, reads. */
import { stringify } from "csv-stringify/sync";
import { dirname, join, posix, relative, resolve, sep } from "node:path";
import { writeFileAtomic } from "../run/files.ts";
import type { Outcome } from "./find-pictures.ts";

/**
 * Writes a CSV of the pictures that are there: `image` (relative to the file), `prompt`, the columns of `about`,
 * then `seed`, `model` and `sha256`, empty where nobody knows.
 * @param folder that the outcomes' files lie in
 * @param about further columns of a prompt, such as group, activity and category; the same for every prompt
 */
export async function writeManifest(
  path: string,
  folder: string,
  outcomes: readonly Outcome[],
  about: (prompt: string) => Readonly<Record<string, string>>,
): Promise<void> {
  const from = dirname(resolve(path));
  const records = outcomes.flatMap(({ file, prompt, seed, model, sha256 }) => {
    if (file === null) return [];
    const image = relative(from, resolve(join(folder, file)))
      .split(sep)
      .join(posix.sep);
    return [{ image, prompt, ...about(prompt), seed, model, sha256 }];
  });
  // named, so that a table without rows has a header, too
  const further = Object.keys(outcomes[0] ? about(outcomes[0].prompt) : {});
  const columns = ["image", "prompt", ...further, "seed", "model", "sha256"];
  await writeFileAtomic(path, stringify(records, { header: true, columns }));
}
