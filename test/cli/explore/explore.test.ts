/** @file `equiclip explore` as its users run it: the studies' configs on small data, what is written, what is refused. */
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { fileNameOf } from "../../../src/explore/drift/file-names.ts";
import { quadrupletsOf } from "../../../src/explore/drift/templates.ts";
import type { ExploreResult } from "../../../src/explore/result.ts";
import { readCsv } from "../../../src/data/csv.ts";
import { saveClip } from "../../../src/model/folder.ts";
import { flatImage, noiseImage, toSharp } from "../../data/images.ts";
import { trainedClip } from "../../model/trained.ts";
import { equiclip, temporaryFolder, writeConfig } from "../equiclip.ts";
import { drawUtkface } from "../faces.ts";

const temporary = temporaryFolder();
const at = (...parts: readonly string[]): string => join(temporary, ...parts);
const configs = join(import.meta.dirname, "..", "..", "..", "configs");
const LIMIT = 120_000;

const run = (...args: readonly string[]) => equiclip(["explore", ...args], { cwd: temporary });
const json = (folder: string): ExploreResult =>
  JSON.parse(readFileSync(at(folder, "result.json"), "utf8")) as ExploreResult;

async function draw(name: string, image = noiseImage(16, 16, name)): Promise<void> {
  mkdirSync(dirname(at(name)), { recursive: true });
  await toSharp(image).toFile(at(name));
}

beforeAll(async () => {
  await saveClip(at("clip"), await trainedClip());
  await drawUtkface(at("faces"), 60);
}, LIMIT);

const set = (...pairs: readonly string[]): string[] => pairs.flatMap((pair) => ["--set", pair]);
const CLIP = "encoders=[{kind: clip, model: clip}]";

describe("004: clusters held against groups, queries, plan, export", () => {
  let first: Awaited<ReturnType<typeof run>>;
  const args = [
    join(configs, "004-cluster-audit.yaml"),
    ...set("data.path=faces", CLIP, "clusters=[{kind: kmeans, k: 3}]"),
    ...set("audit.top=10", "audit.plan={attribute: gender}"),
    ...set("exportImages=copy"),
    "--out",
    "audit",
  ];
  beforeAll(async () => {
    first = await run(...args);
  }, LIMIT);

  test("ends well and says where the page is", () => {
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: "" });
    expect(first.stdout).toContain("How closely clusters follow groups");
    expect(first.stdout.trimEnd().split("\n").at(-1)).toBe("report: audit/report.html");
    // clusters of what is found first are in the report alone
    expect(first.stdout).toMatch(/who is found first, by gender/);
    expect(first.stdout).not.toMatch(/who is found first, by cluster|\(cluster\)/);
    expect(readFileSync(at("audit/report.md"), "utf8")).toMatch(/who is found first, by cluster/);
  });

  test("every row is in one cluster, and the sizes say so", () => {
    const { spaces, source } = json("audit");
    const [clustering] = spaces[0]!.clusterings;
    expect(source.rows).toBe(60);
    expect(clustering!.sizes.reduce((sum, size) => sum + size, 0)).toBe(60);
    expect(spaces[0]!.maps[0]).toMatchObject({ kind: "tsne", kl: expect.any(Number) });
    const lines = readFileSync(at("audit", "clusters", "clip-k-means.csv"), "utf8").trim();
    expect(lines.split("\n")).toHaveLength(61);
    const copies = readdirSync(at("audit", "clusters", "clip-k-means"), { recursive: true });
    expect(copies.filter((name) => String(name).endsWith(".jpg"))).toHaveLength(60);
  });

  test("queries rank the rows, with the composition of the first", () => {
    const { queries } = json("audit").spaces[0]!;
    const found = queries!.report!.queries["a photo of a doctor"]!.attributes["gender"]!;
    expect(queries!.report!.ks).toEqual([10]);
    const top = Object.values(found.groups).reduce((sum, { top: of }) => sum + of["10"]!.rows, 0);
    expect(top).toBe(10);
  });

  test("the plan is a table that a config reads, and its groups are level in each cluster", async () => {
    const { plan } = json("audit");
    for (const { cluster, after } of plan!.cells)
      for (const other of plan!.cells)
        if (other.cluster === cluster) expect(other.after).toBe(after);
    const { rows } = await readCsv(at("audit", "plan", "keep.csv"), {
      image: "image",
      attributes: ["gender"],
      numeric: [],
    });
    expect(rows).toHaveLength(plan!.keep.length);
    expect(rows.every(({ path }) => existsSync(path))).toBe(true);
  });

  test("charts, sheets and the page are there; the page fetches nothing", () => {
    expect(readdirSync(at("audit", "charts"))).toEqual(
      expect.arrayContaining(["clip-t-SNE-by-gender.png", "clip-t-SNE-by-gender.svg"]),
    );
    expect(readdirSync(at("audit", "sheets"))).toHaveLength(3);
    const page = readFileSync(at("audit", "report.html"), "utf8");
    expect(page).toContain("CLIP-based Image Clusters");
    expect(page).not.toMatch(/(?:src|href)="https?:/);
  });

  test(
    "the same command again computes nothing and gives the same",
    async () => {
      const before = readFileSync(at("audit", "result.json"), "utf8");
      const made = (folder: string) =>
        readdirSync(at("audit", folder))
          .filter((name) => name.endsWith(".bin"))
          .map((name) => [name, statSync(at("audit", folder, name)).mtimeMs]);
      const kept = made("steps");
      const { code } = await run(...args);
      expect(code).toBe(0);
      expect(made("steps")).toEqual(kept);
      expect(readFileSync(at("audit", "result.json"), "utf8")).toBe(before);
    },
    LIMIT,
  );
});

test(
  "captions, a second encoder and an eraser: words, agreement, before and after",
  async () => {
    const names = readdirSync(at("faces")).toSorted();
    const rows = names.map((name) => {
      const [, gender, race] = name.split("_");
      return `faces/${name},${gender},${race},"someone ${gender === "1" ? "smiling" : "frowning"} 人"`;
    });
    writeFileSync(at("captions.csv"), `image,gender,race,caption\n${rows.join("\n")}\n`);
    const config = writeConfig(at("captions.yaml"), {
      name: "captions",
      data: {
        source: "csv",
        path: "captions.csv",
        attributes: ["gender", "race"],
        caption: "caption",
      },
      encoders: [
        { kind: "clip", model: "clip" },
        { kind: "pixels", size: 16 },
      ],
      maps: [{ kind: "pca" }],
      clusters: [{ kind: "kmeans", k: 2 }],
      borders: { label: "gender", map: "pca", kernel: "linear" },
      robustness: { rows: 40, shifts: [1, 8], rotations: [] },
      debias: { concepts: ["gender"], methods: ["leace"] },
      audit: { terms: ["smiling", "absent"] },
      thumbnails: false,
    });
    const { code, stderr, stdout } = await run(config);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    // tables say of which space they are; erasers are told of by what they change, and first
    const title = "How closely clusters follow groups: k-means, ";
    expect(stdout).toContain(`${title}clip\n`);
    expect(stdout).toContain(`${title}pixels\n`);
    expect(stdout).not.toContain(`${title}clip, held-out rows`);
    expect(stdout).toMatch(/k-means by gender: Cramer's V.*[^]*clip: .*clusters follow gender/i);
    const { spaces, changes, borderMask } = json("explore-captions");
    expect(spaces.map(({ name, rows: n, before }) => [name, n, before])).toEqual([
      ["clip", 60, null],
      ["pixels", 60, null],
      ["clip, held-out rows", 30, null],
      ["clip without gender (leace)", 30, "clip, held-out rows"],
    ]);
    expect(changes.map(({ before, after }) => [before, after])).toEqual([
      ["clip", "pixels"],
      ["clip, held-out rows", "clip without gender (leace)"],
    ]);
    const words = spaces[0]!.clusterings[0]!.captions!;
    expect(words.captions).toBe(60);
    expect(words.terms).toEqual(["smiling", "absent"]);
    expect(words.groups[0]!.terms[1]).toMatchObject({ value: null, reason: expect.any(String) });
    const borders = spaces[0]!.borders!;
    expect(borders.heldOut!.train + borders.heldOut!.test).toBe(60);
    expect(borderMask!.inside! + borderMask!.outside!).toBeCloseTo(1, 9);
    const [clip, pixels] = spaces.map(({ robustness }) => robustness!);
    expect(clip!.pictures).toBe(40);
    const shift = (of: typeof clip, name: string) =>
      of!.changes.find((change) => change.name === name)!.cosine.value!;
    expect(shift(pixels, "shift 8 px")).toBeLessThan(shift(pixels, "shift 1 px"));
  },
  LIMIT,
);

test(
  "what another config wrote, and this one does not, is gone",
  async () => {
    const names = (folder: string) =>
      readdirSync(at("changed", folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name !== "equiclip-export.json")
        .map(({ name }) => name);
    const runAs = (name: string, config: object) =>
      run(
        writeConfig(at("changed.yaml"), {
          name: "changed",
          data: { source: "utkface", path: "faces" },
          encoders: [{ kind: "pixels", size: 8 }],
          maps: [{ kind: "pca" }],
          clusters: [{ kind: "kmeans", k: 2, as: name }],
          thumbnails: false,
          ...config,
        }),
        "--out",
        "changed",
      );
    const plan = (attribute: string) => ({ audit: { controls: false, plan: { attribute } } });
    expect((await runAs("old", { ...plan("gender"), exportImages: "copy" })).code).toBe(0);
    expect(names("plan")).toContain("keep.csv");
    expect(names("sheets")).toHaveLength(2);
    expect(names("clusters")).toHaveLength(62);
    expect((await runAs("new", { audit: { controls: false }, sheets: null })).code).toBe(0);
    expect(names("plan")).toEqual([]);
    expect(names("sheets")).toEqual([]);
    expect(names("clusters").toSorted()).toEqual(["pixels-new.csv", "pixels-new.json"]);
    // and one that does not come to its end leaves no result that could be taken for its own
    expect((await runAs("new", plan("height"))).code).toBe(2);
    expect(existsSync(at("changed", "result.json"))).toBe(false);
    expect(existsSync(at("changed", "report.html"))).toBe(false);
  },
  LIMIT,
);

test(
  "groups that a run's model tells: its error rates are in the result",
  async () => {
    const trained = await equiclip(
      [
        "train",
        writeConfig(at("train.yaml"), {
          name: "told",
          data: {
            source: "utkface",
            path: "faces",
            target: "gender",
            sensitive: ["race"],
            ageBands: [0],
          },
          model: { from: "preset:tiny" },
          train: { epochs: 1, batchSize: 8 },
          debias: { methods: [] },
          evaluate: { bootstrap: 50 },
        }),
      ],
      { cwd: temporary },
    );
    expect(trained.code).toBe(0);
    const config = writeConfig(at("told.yaml"), {
      name: "told",
      data: { source: "images", path: "faces" },
      encoders: [{ kind: "pixels", size: 8 }],
      predicted: [{ run: "checkpoints/told" }],
      maps: [{ kind: "pca" }],
      clusters: [{ kind: "kmeans", k: 2 }],
    });
    const { code, stdout } = await run(config);
    expect(code).toBe(0);
    expect(stdout).toContain("gender_predicted is told by checkpoints/told, not read from labels");
    const { groups, spaces } = json("explore-told");
    expect(groups[0]).toMatchObject({ attribute: "gender_predicted", missing: 0 });
    // explored are the very faces that it was trained on: its errors on them are not those of others
    const { splits } = JSON.parse(
      readFileSync(at("checkpoints", "told", "data-plan.json"), "utf8"),
    ) as { splits: Record<string, { ids: string[] }> };
    const seen = splits["train"]!.ids.length + splits["validation"]!.ids.length;
    expect(seen).toBeGreaterThan(0);
    expect(groups[0]!.predicted!.seen).toBe(seen);
    expect(stdout).toContain(`${seen} of the rows have names of rows that checkpoints/told`);
    expect(spaces[0]!.clusterings[0]!.corrected[0]!.attribute).toBe("gender_predicted");

    const data = "data={source: utkface, path: faces}";
    const predicted = "predicted=[{run: checkpoints/told, as: gender}]";
    const twice = await run(config, "--set", data, "--set", predicted, "--out", "twice");
    expect(twice).toMatchObject({ code: 2, stdout: "" });
    expect(twice.stderr).toContain("there is an attribute gender already");
  },
  LIMIT,
);

describe("002: a handful of pictures", () => {
  test(
    "four formats, one unreadable: axes with their variance, cosines, names beside points",
    async () => {
      for (const [name, alpha] of [
        ["few/cat.jpeg", false],
        ["few/dog.jpg", false],
        ["few/pizza.png", true],
        ["few/tree.jpg", false],
      ] as const) {
        mkdirSync(at("few"), { recursive: true });
        const image = toSharp(noiseImage(40, 24, name));
        await (alpha ? image.ensureAlpha(0.5) : image).toFile(at(name));
      }
      writeFileSync(at("few", "broken.png"), "no image");
      writeFileSync(at("few", ".hidden"), "");
      const args = [
        join(configs, "002-clip-pca.yaml"),
        ...set("data={source: images, path: few, maxBad: 0.5}", CLIP),
      ];
      const { code, stdout } = await run(...args);
      expect(code).toBe(0);
      expect(stdout).toContain("broken.png");
      const { spaces, source } = json("explore-002-clip-pca");
      expect(source.unreadable.map(({ id }) => id)).toEqual(["broken.png"]);
      const { cosines, maps } = spaces[0]!;
      expect(cosines!.map((row, i) => row[i])).toEqual([1, 1, 1, 1]);
      expect(cosines![0]![1]).toBe(cosines![1]![0]);
      const { alike, claims } = spaces[0]!;
      expect(alike.map(({ id, rows }) => rows[0]!.id === id)).toEqual([true, true, true, true]);
      expect(claims[0]).toMatchObject({ near: ["cat.jpeg", "dog.jpg"], reason: null });
      expect(stdout).toMatch(/cat\.jpeg and dog\.jpg are more alike.*(holds|does not hold)/);
      expect(maps[0]!.explained).toHaveLength(2);
      const svg = readFileSync(at("explore-002-clip-pca", "charts", "clip-PCA.svg"), "utf8");
      for (const name of ["cat.jpeg", "dog.jpg", "pizza.png", "tree.jpg"])
        expect(svg).toContain(name);
      expect(svg).toContain("Proyección 2D de Embeddings (CLIP + PCA)");

      const raw = await run(...args, "--set", "normalise=false", "--out", "raw");
      expect(raw.code).toBe(0);
      const ratio = (of: ExploreResult) => of.spaces[0]!.maps[0]!.explained!;
      expect(ratio(json("raw"))).not.toEqual(ratio(json("explore-002-clip-pca")));
    },
    LIMIT,
  );

  test.each([
    ["two pictures", 2],
    ["one picture many times", 6],
  ])(
    "%s",
    async (title, n) => {
      const folder = title.replaceAll(" ", "-");
      for (let i = 0; i < n; i++)
        await draw(
          `${folder}/${i}.png`,
          n === 2 ? noiseImage(16, 16, `${folder} ${i}`) : flatImage(16, 16, 90),
        );
      const { code, stderr } = await run(folder);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const { spaces } = json(`explore-${folder}`);
      expect(spaces[0]!.rows).toBe(n);
      expect(spaces[0]!.clusterings[0]!.clusters).toBe(n === 2 ? 2 : 1);
    },
    LIMIT,
  );
});

test(
  "003: one folder a person, deeper and loose files told, held-out accuracy",
  async () => {
    for (let person = 0; person < 4; person++)
      for (let i = 0; i < 8; i++) {
        const image = flatImage(20, 10, 30 + 60 * person);
        image.data[i] = 255;
        await draw(`short/face${person}/${i}.png`, image);
      }
    await draw("short/loose.png");
    await draw("short/face0/deep/x.png");
    const { code, stdout } = await run(
      join(configs, "003-pixel-faces.yaml"),
      "--set",
      "data.path=short",
      "--set",
      "encoders=[{kind: pixels, size: 28}]",
      "--set",
      "normalise=false",
      "--set",
      "borders.map=pca",
      "--set",
      "maps=[{kind: pca}]",
    );
    expect(code).toBe(0);
    expect(stdout).toContain("2 files or records are no rows");
    const { spaces, groups } = json("explore-003-pixel-faces");
    expect(spaces[0]!.d).toBe(784);
    expect(groups[0]!.values).toHaveLength(4);
    const { onMap, majority } = spaces[0]!.borders!.heldOut!;
    expect(onMap.value).toBe(1);
    expect(majority.value).toBeLessThan(0.5);
    expect(spaces[0]!.recognition[0]!.nearest.value).toBe(1);
    const charts = readdirSync(at("explore-003-pixel-faces", "charts"));
    expect(charts).toEqual(
      expect.arrayContaining([
        "pixels-PCA-by-person-borders.png",
        "pixels-PCA-by-person-density.png",
        "pixels-dbscan-knee-k-distance.svg",
      ]),
    );
  },
  LIMIT,
);

describe("000: quadruplets", () => {
  const activities = ["sleeping", "caring for older adults", "e-mail at 9 o'clock"];
  beforeAll(async () => {
    const prompts = quadrupletsOf(
      activities.map((activity) => ({ activity, category: null })),
      "document",
    );
    for (const { text, group, activity } of prompts)
      if (!(activity === "sleeping" && group === "older"))
        await draw(`pictures/${fileNameOf(text)}`, noiseImage(24, 24, text));
  }, LIMIT);

  test(
    "from a folder: three rows an activity, the missing one N/A, encoders that are absent reported",
    async () => {
      const { code, stdout } = await run(
        join(configs, "000-age-quadruplets.yaml"),
        "--set",
        `data.activities=[${activities.map((of) => JSON.stringify(of)).join(", ")}]`,
        "--set",
        "data.images=pictures",
        "--set",
        "encoders=[{kind: clip, as: clip, model: clip}, {kind: onnx, as: vae, file: none.onnx}]",
      );
      expect(code).toBe(0);
      expect(stdout).toContain("Neutral vs Young");
      expect(stdout.replace(/\s+/g, " ")).toContain("a difference in grammar");
      const { drift, groups, absent } = json("explore-000-age-quadruplets");
      expect(absent.map(({ encoder }) => encoder)).toEqual(["vae"]);
      expect(drift!.missing.map(({ prompt }) => prompt.id)).toEqual(["sleeping / older"]);
      const group = groups.find(({ attribute }) => attribute === "group")!;
      expect(group.values.find(({ value }) => value === "older")!.rows).toBe(2);
      const csv = readFileSync(
        at("explore-000-age-quadruplets", "quadruplets", "quadruplets.csv"),
        "utf8",
      );
      const [head, ...lines] = csv.trim().split("\n");
      expect(head).toBe(
        "Quadruplet,Prompt,Cosine_Similarity_Prompt,Cosine_Similarity_Image,Cosine_Similarity_Latent,ResNet_Similarity,Dino16_Similarity,Split_Product",
      );
      expect(lines).toHaveLength(9);
      expect(lines[2]).toMatch(/person sleeping,older,-?\d\.\d{3},N\/A,N\/A,N\/A,N\/A,N\/A$/);
      const figures = readdirSync(at("explore-000-age-quadruplets", "quadruplets"));
      expect(figures.filter((name) => name.endsWith(".png"))).toHaveLength(3);
      const charts = readdirSync(at("explore-000-age-quadruplets", "charts"));
      // all groups, then each highlighted: two maps
      expect(charts.filter((name) => /^clip-t-SNE-by-group.*svg$/.test(name))).toHaveLength(5);
    },
    LIMIT,
  );

  test(
    "a command draws what is missing, once",
    async () => {
      writeFileSync(
        at("draw.mjs"),
        `import { appendFileSync, copyFileSync } from "node:fs"; appendFileSync("calls.txt", "x"); copyFileSync("few/pizza.png", process.argv[2]);`,
      );
      const args = [
        join(configs, "000-age-quadruplets.yaml"),
        ...set("data.activities=[reading]", "data.images=drawn"),
        ...set(`data.service={kind: command, command: [node, draw.mjs, "{out}", "{prompt}"]}`),
        ...set("encoders=[{kind: clip, as: clip, model: clip}]"),
        "--out",
        "drawn-study",
      ];
      const first = await run(...args);
      expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: "" });
      expect(readFileSync(at("calls.txt"), "utf8")).toBe("xxxx");
      expect((await run(...args)).code).toBe(0);
      expect(readFileSync(at("calls.txt"), "utf8")).toBe("xxxx");
    },
    LIMIT,
  );

  test(
    "on labelled faces",
    async () => {
      const { code } = await run(
        join(configs, "000-age-utkface.yaml"),
        "--set",
        "data.path=faces",
        "--set",
        "encoders=[{kind: clip, as: clip, model: clip}]",
        "--set",
        "drift.by=gender",
        "--set",
        "drift.bands={young: [0, 30], middle: [31, 50], older: [51, 120]}",
      );
      expect(code).toBe(0);
      const { drift } = json("explore-000-age-utkface");
      expect(drift).toMatchObject({ of: "faces" });
      expect(drift!.support.map(({ label }) => label)).toEqual(["female", "male"]);
      expect(drift!.summary.map(({ space }) => space.key)).toEqual(
        expect.arrayContaining(["prompt", "image"]),
      );
    },
    LIMIT,
  );
});

describe("what is refused, in a line that says what to do", () => {
  const base = {
    name: "bad",
    data: { source: "images", path: "few" },
    encoders: [{ kind: "pixels" }],
  };
  test.each([
    ["no such file", "none.yaml", /none\.yaml: there is no such file or folder/],
    ["an image", "few/pizza.png", /received an image; give its folder, few/],
    [
      "no such folder of images, before a model is looked for",
      {
        ...base,
        data: { source: "images", path: "nowhere" },
        encoders: [{ kind: "clip", model: "./none" }],
      },
      /data\.path: there is no .*nowhere/,
    ],
    ["one row", { ...base, data: { ...base.data, maxBad: 1 }, rows: 1 }, /one row; .*2 or more/],
    ["an unknown key", { ...base, cluster: [] }, /bad\.yaml:.*cluster/],
    [
      "a group that no row has",
      { ...base, data: { ...base.data, maxBad: 1 }, groups: ["race"] },
      /groups: race: no row has such a label/,
    ],
    [
      "two encoders of one name",
      { ...base, encoders: [{ kind: "pixels" }, { kind: "pixels" }] },
      /two are called pixels; name one of them with as/,
    ],
    ["broken images", base, /broken\.png/],
    [
      "a first encoder that is not there",
      { ...base, encoders: [{ kind: "clip", model: "./none" }] },
      /encoder clip: .*none/,
    ],
    [
      "drift without ages",
      { ...base, data: { ...base.data, maxBad: 1 }, drift: {} },
      /expected prompts .*or rows with a number age/,
    ],
  ] as const)(
    "%s",
    async (_, config, expected) => {
      const path = typeof config === "string" ? config : writeConfig(at("bad.yaml"), config);
      const { code, stderr, stdout } = await run(path);
      expect(stderr).toMatch(expected);
      expect(stderr).not.toContain("this is a bug");
      expect([1, 2]).toContain(code);
      expect(stdout).toBe("");
    },
    LIMIT,
  );

  test("a folder that holds something else", async () => {
    mkdirSync(at("other"), { recursive: true });
    writeFileSync(at("other", "thesis.txt"), "mine");
    const { code, stderr } = await run("faces", "--out", "other");
    expect(code).toBe(2);
    expect(stderr).toContain("other is no exploration, but holds thesis.txt");
    expect(readdirSync(at("other"))).toEqual(["thesis.txt"]);
  });
});
