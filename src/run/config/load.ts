/** @file Reads configs: of an experiment, of a comparison, of an exploration. */
import { readFile } from "node:fs/promises";
import type { z } from "zod";
import { UsageError, messageOf } from "../errors.ts";
import { parseYaml } from "../yaml/parse.ts";
import { type CompareConfig, CompareConfigSchema } from "./compare.ts";
import { type ExploreConfig, ExploreConfigSchema } from "./explore.ts";
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
export const loadConfig = (file: string, overrides: readonly string[] = []): Promise<Config> =>
  load(ConfigSchema, "configs/quickstart.yaml", file, overrides);

/** Reads and checks the config of a comparison. Throws UsageError. */
export const loadCompareConfig = (
  file: string,
  overrides: readonly string[] = [],
): Promise<CompareConfig> =>
  load(CompareConfigSchema, "configs/faceapi-compare.yaml", file, overrides);

/** Reads and checks the config of an exploration. Throws UsageError. */
export const loadExploreConfig = (
  file: string,
  overrides: readonly string[] = [],
): Promise<ExploreConfig> =>
  load(ExploreConfigSchema, "configs/004-cluster-audit.yaml", file, overrides);

async function load<S extends z.ZodType>(
  schema: S,
  example: string,
  file: string,
  overrides: readonly string[],
): Promise<z.output<S>> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new UsageError(
      `cannot read config ${file}: ${messageOf(cause)}; give the path of a YAML file, such as ${example}`,
    );
  });
  return parseYaml(schema, file, text, overrides).value;
}
