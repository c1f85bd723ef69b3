/** @file Reads the config of an experiment. */
import { readFile } from "node:fs/promises";
import { UsageError, messageOf } from "../errors.ts";
import { parseYaml } from "../yaml/parse.ts";
import { type Config, ConfigSchema } from "./schema.ts";

/**
 * Parses and checks a config. `overrides` are `key.path=value` pairs whose values are YAML.
 * Throws one UsageError whose lines read `file:line:column key: expected …, received …`.
 */
export const parseConfig = (
  file: string,
  text: string,
  overrides: readonly string[] = [],
): Config => parseYaml(ConfigSchema, file, text, overrides).value;

/** Reads and checks a config file. Throws UsageError. */
export async function loadConfig(file: string, overrides: readonly string[] = []): Promise<Config> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new UsageError(
      `cannot read config ${file}: ${messageOf(cause)}; give the path of a YAML file, such as configs/quickstart.yaml`,
    );
  });
  return parseConfig(file, text, overrides);
}
