/** @file The workflows of docs/ci.md, run as CI would, up to the shell: what GitHub and GitLab serve is played by scripts. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { writePredictions } from "../../src/eval/predictions-csv.ts";
import { people } from "../eval/gate/people.ts";

const root = join(import.meta.dirname, "..", "..");
const page = readFileSync(join(root, "docs", "ci.md"), "utf8");

/** Blocks of one language, by their first line. */
const block = (language: string, first: string): string =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "gs"))]
    .map(([, text]) => text!)
    .find((text) => text.startsWith(first))!;

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly "continue-on-error"?: boolean;
}
const rules = block("yaml", "# gate.yaml");
const github = parse(block("yaml", "# .github/workflows/fairness.yml")) as {
  readonly jobs: { readonly gate: { readonly steps: readonly Step[] } };
};
const gitlab = parse(block("yaml", "# .gitlab-ci.yml")) as {
  readonly fairness: {
    readonly script: readonly string[];
    readonly artifacts: {
      readonly paths: readonly string[];
      readonly reports: { readonly junit: string };
    };
    readonly allow_failure: { readonly exit_codes: readonly number[] };
  };
};

const temporary = mkdtempSync(join(tmpdir(), "equiclip-ci-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));
const bin = join(temporary, "bin");
const script = (name: string, text: string): void => {
  writeFileSync(join(bin, name), `#!/usr/bin/env bash\nset -eu\n${text}\n`);
  chmodSync(join(bin, name), 0o755);
};

beforeAll(() => {
  mkdirSync(bin);
  const cli = ["--import", import.meta.resolve("tsx"), join(root, "src", "cli", "main.ts")];
  script(
    "npx",
    `[ "$1 $2" = "--yes equiclip" ]; shift 2; exec "${process.execPath}" ${cli.map((part) => `"${part}"`).join(" ")} "$@"`,
  );
  // artifacts of main lie in $MAIN, when there are any
  script(
    "gh",
    `echo "$@" >> gh.log
case "$1 $2" in
  "run list") if [ -d "$MAIN" ]; then echo 4711; fi ;;
  "run download") cp -r "$MAIN" "\${@: -1}" ;;
  "pr comment") [ -f "\${@: -1}" ] ;;
esac`,
  );
  script(
    "curl",
    `echo "\${@: -1}" >> curl.log; if [ -d "$MAIN" ]; then touch baseline.zip; else exit 22; fi`,
  );
  script("unzip", `mkdir "\${@: -1}"; cp -r "$MAIN" "\${@: -1}/fairness"`);
});

/** One checkout, and how CI runs commands in it. */
function workspace(name: string, main: string) {
  const cwd = join(temporary, name);
  mkdirSync(cwd);
  writeFileSync(join(cwd, "gate.yaml"), rules);
  const at = (file: string): string => join(cwd, file);
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env["PATH"]}`,
    NO_COLOR: "1",
    MAIN: main,
    GITHUB_STEP_SUMMARY: at("summary.md"),
    CI_API_V4_URL: "https://gitlab.example/api/v4",
    CI_PROJECT_ID: "12",
    CI_DEFAULT_BRANCH: "main",
    CI_JOB_TOKEN: "token",
  };
  const shell = (text: string, more: Readonly<Record<string, string>> = {}) => {
    const { status, stdout, stderr } = spawnSync(
      "bash",
      ["--noprofile", "--norc", "-eo", "pipefail", "-c", text],
      {
        cwd,
        env: { ...env, ...more },
        encoding: "utf8",
      },
    );
    return { status, stdout, stderr };
  };
  return { cwd, at, shell };
}
type Workspace = ReturnType<typeof workspace>;

/** Runs every step that has a shell; returns the exit code of the first that failed. */
function runGithub({ shell }: Workspace): { code: number; stdout: string } {
  let code = 0;
  let said = "";
  for (const { run, if: condition, env = {}, "continue-on-error": lenient } of github.jobs.gate
    .steps) {
    if (run === undefined || (code !== 0 && !condition?.startsWith("always()"))) continue;
    expect(run, "what GitHub would fill in belongs in env").not.toContain("${{");
    const filled = Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, value.replace(/^\$\{\{ .* \}\}$/, "7")]),
    );
    const { status, stdout, stderr } = shell(run, filled);
    said += stdout + (status === 2 ? stderr : "");
    if (lenient) expect(stderr).toBe("");
    if (status !== 0 && !lenient && code === 0) code = status ?? -1;
  }
  return { code, stdout: said };
}

function runGitlab({ shell }: Workspace): { code: number; stdout: string } {
  const { status, stdout, stderr } = shell(gitlab.fairness.script.join("\n"));
  return { code: status ?? -1, stdout: stdout + (status === 2 ? stderr : "") };
}

const SURE = { rows: 2000, tpr: [0.97, 0.97, 0.97], fpr: 0.03 } as const;
const COMMITS = {
  fair: SURE,
  unfair: { ...SURE, tpr: [0.7, 0.97, 0.97] },
  small: { ...SURE, rows: 150 },
} as const;
const COLUMNS = "id,y_true,y_pred,race,gender";

async function predict({ at }: Workspace, of: keyof typeof COMMITS): Promise<void> {
  await writePredictions(at("predictions.csv"), { ...people(COMMITS[of]), classes: ["0", "1"] });
  const [, ...rows] = readFileSync(at("predictions.csv"), "utf8").split("\n");
  writeFileSync(at("predictions.csv"), [COLUMNS, ...rows].join("\n"));
}

const CI = { github: runGithub, gitlab: runGitlab } as const;

describe.each(Object.entries(CI))("%s", (ci, run) => {
  const main = join(temporary, `${ci}-main`);

  test("the first report has only itself to be compared with, and passes", async () => {
    const first = workspace(`${ci}-first`, join(temporary, "nowhere"));
    await predict(first, "fair");
    const { code, stdout } = run(first);
    expect(stdout).toContain("PASS: all 6 checks pass");
    expect(code).toBe(0);
    const files = ["report.json", "predictions.csv", "gate.md", "gate.xml"];
    expect(files.filter((name) => !existsSync(first.at(`fairness/${name}`)))).toEqual([]);
    cpSync(first.at("fairness"), main, { recursive: true }); // the artifact
  });

  test.each([
    ["fair", 0, "PASS"],
    ["unfair", 3, "FAIL"],
    ["small", 4, "INSUFFICIENT"],
  ] as const)("a %s model ends with %d", async (commit, code, verdict) => {
    const at = workspace(`${ci}-${commit}`, main);
    await predict(at, commit);
    const ended = run(at);
    expect(ended.stdout).toContain(`${verdict}: `);
    expect(ended.code).toBe(code);
    expect(readFileSync(at.at("fairness/gate.md"), "utf8")).toContain(
      `## Fairness gate: ${verdict}\n`,
    );
  });
});

test("GitHub: the summary, annotations, a comment that is edited, the artifact", () => {
  const at = (name: string): string => join(temporary, "github-unfair", name);
  expect(readFileSync(at("summary.md"), "utf8")).toBe(readFileSync(at("fairness/gate.md"), "utf8"));
  const calls = readFileSync(at("gh.log"), "utf8").trimEnd().split("\n");
  expect(calls).toEqual([
    expect.stringMatching(/^run list --workflow fairness\.yml --branch main --status success /),
    "run download 4711 --name fairness --dir baseline",
    "pr comment 7 --edit-last --create-if-none --body-file fairness/gate.md",
  ]);
  const upload = github.jobs.gate.steps.find(({ uses }) =>
    uses?.startsWith("actions/upload-artifact"),
  );
  expect(upload).toMatchObject({ if: "always()", with: { name: "fairness", path: "fairness" } });
});

test("GitLab: main's artifact, the JUnit file, INSUFFICIENT allowed", () => {
  const at = (name: string): string => join(temporary, "gitlab-small", name);
  expect(readFileSync(at("curl.log"), "utf8")).toBe(
    "https://gitlab.example/api/v4/projects/12/jobs/artifacts/main/download?job=fairness\n",
  );
  const { artifacts, allow_failure: allowed } = gitlab.fairness;
  expect(artifacts.paths).toEqual(["fairness"]);
  expect(readFileSync(at(artifacts.reports.junit), "utf8")).toContain('<error type="INSUFFICIENT"');
  expect(allowed.exit_codes).toEqual([4]);
});

test("the line that allows INSUFFICIENT allows nothing else", () => {
  const line = block("sh", "npx");
  const of = (name: string) => {
    const cwd = join(temporary, name);
    const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}` };
    return spawnSync("bash", ["-eo", "pipefail", "-c", line], { cwd, env }).status;
  };
  expect(of("github-small")).toBe(0);
  expect(of("github-unfair")).not.toBe(0);
  expect(of("github-fair")).toBe(0);
});
