/** @file What the pages for people promise is there: files behind links, scripts, configs that are valid. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import {
  loadCompareConfig,
  loadConfig,
  loadExploreConfig,
  parseConfig,
} from "../src/run/config/load.ts";
import { EXIT } from "../src/run/errors.ts";

const root = join(import.meta.dirname, "..");
const read = (page: string): string => readFileSync(join(root, page), "utf8");
const found = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, first]) => first!);

const docs = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
const examples = readdirSync(join(root, "examples")).map((name) => `examples/${name}/README.md`);
const pages = ["README.md", "CONTRIBUTING.md", ...docs.map((name) => `docs/${name}`), ...examples];

test.each(pages)("%s: every link leads to a file", (page) => {
  const links = found(read(page), /(?:\]\(|src="|srcset=")([^)"#]+)/g);
  const local = links.filter((link) => !link.startsWith("https:"));
  expect(local.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([]);
});

test.each(pages)("%s: every npm script exists", (page) => {
  const scripts = found(read(page), /npm run (?:-s )?([\w:]+)/g);
  expect(scripts.filter((name) => !(name in manifest.scripts))).toEqual([]);
});

test("the readme's config is valid, its exit codes are all there are, the configs it names exist", () => {
  const readme = read("README.md");
  const [yaml = ""] = found(readme, /```yaml\n(.*?)```/gs);
  expect(parseConfig("README.md", yaml).name).toBe("my-run");
  expect(found(readme, /^\| (\d+) +\|/gm).map(Number)).toEqual(Object.values(EXIT));
  const configs = found(readme, /train (configs\/[\w-]+\.yaml)/g);
  expect(configs.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

/** What a config is of, by a section that only it has. */
const kindOf = (text: string) =>
  /^tasks:/m.test(text)
    ? loadCompareConfig
    : /^encoders:/m.test(text)
      ? loadExploreConfig
      : loadConfig;

test.each(readdirSync(join(root, "configs")).filter((file) => file.endsWith(".yaml")))(
  "configs/%s is valid and named after itself",
  async (file) => {
    const { name } = await kindOf(read(`configs/${file}`))(join(root, "configs", file));
    expect([`${name}.yaml`, `${name}-compare.yaml`]).toContain(file);
  },
);

test("the documentation's index lists every page", () => {
  const index = read("docs/README.md");
  const others = docs.filter((name) => name !== "README.md");
  expect(others.filter((name) => !index.includes(`(${name})`))).toEqual([]);
});
