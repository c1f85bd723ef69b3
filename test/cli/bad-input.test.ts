/** @file What users get wrong: each ends with clear lines, the right exit code, and nothing lost. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { type Surroundings, equiclip, temporaryFolder, writeConfig } from "./equiclip.ts";
import { drawUtkface } from "./faces.ts";

const temporary = temporaryFolder();
const at = (...parts: readonly string[]): string => join(temporary, ...parts);

/** Trains on the faces with other values; every case has a run folder of its own. */
let runs = 0;
const config = {
  name: "faces",
  threads: 1,
  data: { source: "utkface", path: "faces", sensitive: ["race"] },
  model: { from: "preset:tiny" },
  train: { epochs: 1, batchSize: 16 },
  evaluate: { bootstrap: 20 },
  debias: { methods: [] },
};
function train(set: readonly string[], surroundings: Surroundings = {}) {
  const args = [
    "train",
    "faces.yaml",
    "--out",
    `runs/${runs++}`,
    ...set.flatMap((s) => ["--set", s]),
  ];
  return equiclip(args, { cwd: temporary, ...surroundings });
}

/** Expects these lines on stderr, in order, nothing on stdout, and this exit code. */
async function fails(
  ended: ReturnType<typeof equiclip>,
  code: number,
  ...lines: readonly RegExp[]
): Promise<void> {
  const { stderr, stdout, ...rest } = await ended;
  expect(stderr).not.toMatch(/bug|^ +at /m);
  const received = stderr.trimEnd().split("\n");
  lines.forEach((line, i) => expect(received[i]).toMatch(line));
  for (const line of received) expect(line).toMatch(/^equiclip: /);
  expect(received).toHaveLength(lines.length);
  expect({ ...rest, stdout }).toEqual({ code, signal: null, stdout: "" });
}

let names: string[];
beforeAll(async () => {
  names = await drawUtkface(at("faces"), 120);
  writeConfig(at("faces.yaml"), config);
}, 60_000);

describe("folders", () => {
  test("missing", () =>
    fails(train(["data.path=nowhere"]), 2, /nowhere: no such folder; .*data\.path/));
  test("empty", () => {
    mkdirSync(at("void"));
    return fails(train(["data.path=void"]), 2, /void: the folder is empty, expected images/);
  });
  test("no name parses", () => {
    mkdirSync(at("strangers"));
    for (const name of ["me.jpg", "25_0_x_2017.jpg"]) writeFileSync(at("strangers", name), "");
    return fails(
      train(["data.path=strangers"]),
      2,
      /strangers: no usable row among 2 items, expected UTKFace names such as/,
      /25_0_x_2017\.jpg: race: expected 0 \(white\).*received "x"/,
      /me\.jpg: expected 4 parts/,
    );
  });
});

describe("images", () => {
  const bad = {
    "30_0_0_20180101000001.jpg": /damaged or truncated/,
    "30_1_1_20180101000002.jpg": /not an image/,
    "30_1_2_20180101000003.jpg": /empty/,
  };
  beforeAll(async () => {
    cpSync(at("faces"), at("mixed"), { recursive: true });
    const [cut, text, empty] = Object.keys(bad);
    const whole = readFileSync(at("faces", names[0]!));
    writeFileSync(at("mixed", cut!), whole.subarray(0, whole.length >> 1));
    writeFileSync(at("mixed", text!), "this is a text file\n");
    writeFileSync(at("mixed", empty!), "");
    // odd, but pictures: they are trained on like any other
    const plain = (width: number, height: number) =>
      sharp({ create: { width, height, channels: 3, background: "#a08060" } }).jpeg();
    await plain(1, 1).toFile(at("mixed", "30_0_3_20180101000004.jpg"));
    await plain(6000, 5000).toFile(at("mixed", "30_0_3_20180101000005.jpg"));
    writeFileSync(at("mixed", "30_0_20180101000006.jpg"), whole); // no race
  });

  test("are named when no bad one is allowed", () =>
    fails(
      train(["data.path=mixed"]),
      1,
      /3 of 125 images cannot be read, expected at most 0 \(data\.maxBad 0\); repair them or raise data\.maxBad/,
      ...Object.entries(bad).map(([name, reason]) => new RegExp(`${name}: .*${reason.source}`)),
    ));

  test("are left out and named in the report when some are allowed", async () => {
    const run = ["train", "faces.yaml", "--out", "runs/mixed"];
    const set = ["--set", "data.path=mixed", "--set", "data.maxBad=0.1"];
    const { code, stderr } = await equiclip([...run, ...set], { cwd: temporary });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const report = readFileSync(at("runs", "mixed", "report.md"), "utf8");
    for (const name of [...Object.keys(bad), "30_0_20180101000006.jpg"])
      expect(report).toContain(name);
  });
});

describe("manifests", () => {
  const csv = (name: string, text: string): string[] => {
    writeFileSync(at(name), text);
    return [`data={source: csv, path: ${name}, target: gender, sensitive: [race], image: file}`];
  };
  const rows = (): string[] =>
    names.map((name) => {
      const [, gender, race] = name.split("_");
      return [`faces/${name}`, ["male", "female"][Number(gender)], `race${race}`].join(",");
    });

  test("a byte order mark and CRLF are no matter", async () => {
    const text = `\uFEFFfile,gender,race\r\n${rows().join("\r\n")}\r\n`;
    const { code, stderr } = await train(csv("windows.csv", text));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
  test("a missing column", () =>
    fails(
      train(csv("columns.csv", "file,gender\nfaces/1.jpg,male\n")),
      2,
      /columns\.csv:1: missing column "race", received "file", "gender"/,
    ));
  test("a path that occurs twice", () =>
    fails(
      train(csv("twice.csv", ["file,gender,race", ...rows(), rows()[0]].join("\n"))),
      1,
      /twice\.csv: 1 of 121 items cannot be used.*data\.maxBad/,
      /twice\.csv:122: column "file": .*line 2 has it/,
    ));
  test("a label outside the list", () => {
    const text = ["file,gender,race", ...rows(), `faces/x.jpg,robot,race0`].join("\n");
    return fails(
      train([...csv("labels.csv", text), "data.classes=[male, female]"]),
      1,
      /labels\.csv: 1 of 121 items cannot be used/,
      /labels\.csv:122: column "gender": expected male, female, received "robot"/,
    );
  });
});

describe("labels and splits", () => {
  test("a label outside the list, in a folder of labels", () => {
    for (const label of ["cat", "dog", "cow"]) {
      mkdirSync(at("animals", label), { recursive: true });
      cpSync(at("faces", names[0]!), at("animals", label, "1.jpg"));
    }
    return fails(
      train(["data={source: folders, path: animals, target: kind, classes: [cat, dog]}"]),
      2,
      /data\.classes: "cow" occurs as kind, expected one of cat, dog; .*data\.exclude/,
    );
  });
  test("a class with no row in a split", () =>
    fails(
      train(["data.classes=[male, female, other]"]),
      2,
      /split\.train: no row with gender=other among \d+; .*data\.exclude/,
    ));
  test("an attribute that no row has", () =>
    fails(
      train(["data.sensitive=[height]"]),
      2,
      /data: \S+ has no attribute "height"; expected one of gender, race, age_band/,
    ));
  test("a group with no row in a split is null with a reason, and said", async () => {
    const lonely = names.filter((name) => name.split("_")[2] !== "3").slice(0, 90);
    mkdirSync(at("lonely"));
    for (const name of lonely) cpSync(at("faces", name), at("lonely", name));
    cpSync(at("faces", names[0]!), at("lonely", "20_0_4_20180101000000.jpg"));
    const { code, stdout } = await equiclip(
      ["train", "faces.yaml", "--set", "data.path=lonely", "--out", "runs/lonely", "--json"],
      { cwd: temporary },
    );
    expect(code).toBe(0);
    const groups = JSON.parse(stdout).attributes.race.groups;
    const { other = null } = groups;
    expect(other === null || other.tpr.reason !== undefined).toBe(true);
    expect(readFileSync(at("runs", "lonely", "report.md"), "utf8")).toMatch(/other/);
  });
});

describe("configs", () => {
  const wrong = (text: string): ReturnType<typeof equiclip> => {
    writeFileSync(at("wrong.yaml"), text);
    return equiclip(["train", "wrong.yaml"], { cwd: temporary });
  };
  test("all problems at once, each with its place", async () => {
    const text = `name: x
data: { source: utkface, path: faces }
model: { from: preset:tiny }
trian: { epochs: 3 }
train:
  lr: fast
  epochs: 0
`;
    await fails(
      wrong(text),
      2,
      /^equiclip: wrong\.yaml:4:1 trian: unknown key, did you mean train\?$/,
      /^equiclip: wrong\.yaml:6:7 train\.lr: expected a number, received "fast"$/,
      /^equiclip: wrong\.yaml:7:11 train\.epochs: expected a number > 0, received 0$/,
    );
  });
  test("no YAML", () => fails(wrong("name: [x\n"), 2, /wrong\.yaml:\d+:\d+ /));
  test("no file", () =>
    fails(
      equiclip(["train", "gone.yaml"], { cwd: temporary }),
      2,
      /cannot read config gone\.yaml/,
    ));
  test.each([
    ["train.lr", /--set train\.lr: expected key\.path=value/],
    ["train.lr=fast", /--set train\.lr: expected a number, received "fast"/],
    ["train.speed=1", /--set train\.speed: unknown key/],
    ["name.first=x", /--set name\.first/],
    ["name=[", /--set name: the value is not YAML/],
  ])("--set %s", (pair, line) => fails(train([pair]), 2, line));
});

describe("arguments", () => {
  const run = (...args: string[]) => equiclip(args, { cwd: temporary });
  test.each([
    [[], /expected a command: train, eval, gate, compare, .* or doctor; see --help/],
    [["fly"], /fly/],
    [["train"], /argument is missing.*--help/],
    [["train", "faces.yaml", "--fast"], /fast/],
    [["train", "faces.yaml", "--resume", "--fresh"], /resume.*fresh/],
    [["data"], /inspect, split, balance/],
    [["data", "guess"], /guess/],
    [["data", "inspect", "nowhere"], /nowhere: expected a config .* does not exist/],
    [["eval", "faces"], /faces is no run: .*config\.yaml/],
  ])("%s", (args, line) => fails(run(...args), 2, line));
});
