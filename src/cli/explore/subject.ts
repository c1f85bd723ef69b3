/** @file What `equiclip explore` is given: a config, or a folder of images with a config that fits it. */
import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { readFolder } from "../../data/folder.ts";
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
  if (!found?.isDirectory()) {
    if (model !== undefined)
      throw new UsageError(
        `--model belongs to a folder of images, not to ${subject}; a config names its encoders`,
      );
    return loadExploreConfig(subject, set);
  }
  const text = JSON.stringify({
    name: basename(resolve(subject)).replace(/[^\w.-]+/g, "-"),
    data: await dataOf(subject),
    encoders: [model === undefined ? { kind: "pixels" } : { kind: "clip", model }],
  });
  return parseYaml(ExploreConfigSchema, subject, text, set).value; // JSON is YAML
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
