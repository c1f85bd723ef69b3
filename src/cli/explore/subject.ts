/** @file What `equiclip explore` is given: a config, or a folder of images with a config that fits it. */
import { stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { readFolder } from "../../data/folder.ts";
import { isImageName } from "../../data/list-files.ts";
import { readUtkface } from "../../data/utkface.ts";
import { type ExploreConfig, ExploreConfigSchema } from "../../run/config/explore.ts";
import { loadExploreConfig } from "../../run/config/load.ts";
import { UsageError } from "../../run/errors.ts";
import { parseYaml } from "../../run/yaml/parse.ts";

export interface Asked {
  /** Of a folder. */
  readonly model: string | undefined;
  readonly set: readonly string[];
}

/** @throws UsageError when it is neither, or the config is wrong */
export async function configOf(subject: string, { model, set }: Asked): Promise<ExploreConfig> {
  const found = await stat(subject).catch(() => null);
  if (!found)
    throw new UsageError(
      `${subject}: there is no such file or folder; expected an exploration (YAML, such as configs/004-cluster-audit.yaml) or a folder of images`,
    );
  if (!found.isDirectory()) {
    if (isImageName(subject))
      throw new UsageError(
        `${subject}: expected an exploration (YAML) or a folder of images, received an image; give its folder, ${dirname(subject)}`,
      );
    if (model !== undefined)
      throw new UsageError(
        `--model belongs to a folder of images, not to ${subject}; a config names its encoders`,
      );
    return loadExploreConfig(subject, set);
  }
  const text = JSON.stringify({
    name: basename(resolve(subject)).replace(/[^\w.-]+/g, "-"),
    data: await dataOf(subject),
    clusters: [{ kind: "kmeans", k: [2, 12] }], // nobody has said how many there are
    encoders: [model === undefined ? { kind: "pixels" } : { kind: "clip", model }],
  });
  return parseYaml(ExploreConfigSchema, subject, text, set).value; // JSON is YAML
}

/** Before a model is opened: a wrong path should not cost a download. @throws UsageError */
export async function requireData({ data }: ExploreConfig): Promise<void> {
  if (!("path" in data) || data.path === undefined) return;
  if (!(await stat(data.path).catch(() => null)))
    throw new UsageError(
      `data.path: there is no ${data.path}; give another in the config, or --set data.path=PATH`,
    );
}

/** UTKFace where names parse as such, else one sub-folder per label, else images without labels. */
async function dataOf(path: string) {
  const kinds = [
    { data: { source: "utkface", path }, read: () => readUtkface(path) },
    { data: { source: "folders", path }, read: () => readFolder(path, "label") },
  ];
  for (const { data, read } of kinds)
    try {
      await read();
      return data;
    } catch (thrown) {
      if (!(thrown instanceof UsageError)) throw thrown;
    }
  return { source: "images", path };
}
