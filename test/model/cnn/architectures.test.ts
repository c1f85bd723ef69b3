/** @file The study's networks, row by row of its tables: shapes and parameter counts; and what may be asked of any. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sizeOf } from "../../../src/graph/node.ts";
import {
  ARCHITECTURES,
  ARCHITECTURE_NAMES,
  ageGroups,
  classes,
  number,
} from "../../../src/model/cnn/architectures.ts";
import type { CnnConfig, Head } from "../../../src/model/cnn/config.ts";
import { conv, dense, flatten, maxPool, residual } from "../../../src/model/cnn/layers.ts";
import { type CnnOptions, cnnConfig, cnnModel } from "../../../src/model/cnn/model.ts";
import { cnnBuffers, cnnParams, parameterCount } from "../../../src/model/cnn/params.ts";
import { type Placed, classesOf, placeCnn, showSize } from "../../../src/model/cnn/shapes.ts";
import { UsageError } from "../../../src/run/errors.ts";

const total = (config: CnnConfig): number =>
  cnnParams(config).reduce((sum, { shape }) => sum + sizeOf(shape), 0);

/** The last of some layers with the size it gives and the parameters of all: a row of the study's tables. */
function rows(placed: readonly Placed[], ends: readonly string[]): [string, string, number][] {
  let from = 0;
  return ends.map((name) => {
    const at = placed.findIndex(({ layer }) => layer.name === name);
    expect(at, name).toBeGreaterThanOrEqual(from);
    const part = placed.slice(from, at + 1);
    from = at + 1;
    return [name, showSize(part.at(-1)!.to), part.reduce((sum, p) => sum + parameterCount(p), 0)];
  });
}

describe("tables of the study", () => {
  test("Ward", () => {
    const config = cnnConfig({ architecture: "ward" });
    const { trunk, heads } = placeCnn(config);
    expect(
      rows(
        [...trunk, ...heads["gender"]!],
        [
          "relu1",
          "pool1",
          "relu2",
          "pool2",
          "relu3",
          "pool3",
          "flatten",
          "relu4",
          "dropout1",
          "gender.output",
        ],
      ),
    ).toEqual([
      ["relu1", "198x198x32", 896],
      ["pool1", "99x99x32", 0],
      ["relu2", "97x97x64", 18_496],
      ["pool2", "48x48x64", 0],
      ["relu3", "46x46x128", 73_856],
      ["pool3", "23x23x128", 0],
      ["flatten", "67712", 0],
      ["relu4", "64", 4_333_632],
      ["dropout1", "64", 0],
      ["gender.output", "1", 65],
    ]);
    expect(total(config)).toBe(4_426_945);
  });

  test("Serawan", () => {
    const config = cnnConfig({ architecture: "serawan" });
    const { trunk, heads } = placeCnn(config);
    const pools = [4, 9, 16, 23, 30].map((i) => `features.${i}`);
    expect(rows(trunk, [...pools, "flatten"])).toEqual([
      ["features.4", "48x48x64", 38_720],
      ["features.9", "24x24x128", 221_440],
      ["features.16", "12x12x256", 1_475_328],
      ["features.23", "6x6x512", 5_899_776],
      ["features.30", "3x3x512", 7_079_424],
      ["flatten", "4608", 0],
    ]);
    const head = (name: string) => rows(heads[name]!, [`${name}.output`])[0]!.slice(1);
    expect(Object.keys(heads)).toEqual(["age", "race", "gender"]);
    expect(head("age")).toEqual(["1", 1_245_953]);
    expect(head("race")).toEqual(["5", 598_533]);
    expect(head("gender")).toEqual(["2", 598_338]);
    expect(heads["age"]!.map(({ to }) => to[0])).toEqual([256, 256, 256, 256, 1]);
    expect(heads["race"]!.map(({ to }) => to[0])).toEqual([128, 128, 64, 64, 5]);
    expect(total(config)).toBe(17_157_512);
  });

  test("Tripathi", () => {
    const config = cnnConfig({ architecture: "tripathi" });
    const { trunk, heads } = placeCnn(config);
    expect(
      rows(
        [...trunk, ...heads["gender"]!],
        ["pool1", "pool2", "pool3", "pool4", "flatten", "dropout5", "gender.output"],
      ),
    ).toEqual([
      ["pool1", "50x50x32", 320],
      ["pool2", "25x25x64", 18_496],
      ["pool3", "12x12x128", 73_856],
      ["pool4", "6x6x256", 295_168],
      ["flatten", "9216", 0],
      ["dropout5", "128", 1_179_776],
      ["gender.output", "2", 258],
    ]);
    expect(trunk.slice(0, 4).map(({ layer }) => layer)).toMatchObject([
      { kind: "conv", l2: 0.001, padding: "same", stride: 1 },
      { kind: "dropout", rate: 0.1 },
      { kind: "relu" },
      { kind: "maxPool", kernel: 2, stride: 2 },
    ]);
    expect(trunk.at(-1)!.layer).toMatchObject({ kind: "dropout", rate: 0.2 });
    expect(total(config)).toBe(1_567_874);
  });

  test("Aghav", () => {
    const config = cnnConfig({ architecture: "aghav" });
    const { trunk, heads } = placeCnn(config);
    const ends = ["relu1", "relu2", "pool1", "relu3", "pool2", "dropout1", "flatten"];
    expect(rows(trunk, ends).map(([, size]) => size)).toEqual([
      "62x62x32",
      "60x60x64",
      "30x30x64",
      "28x28x128",
      "14x14x128",
      "14x14x128",
      "25088",
    ]);
    const count = (placed: readonly Placed[]) =>
      placed.reduce((sum, p) => sum + parameterCount(p), 0);
    expect(count(trunk)).toBe(92_672);
    expect(count(heads["age"]!)).toBe(3_221_761);
    expect(count(heads["gender"]!)).toBe(3_222_401);
    const denses = (name: string) =>
      heads[name]!.flatMap(({ layer }) => (layer.kind === "dense" ? [layer.units] : []));
    expect(denses("age")).toEqual([128, 64, 32, 1]);
    expect(denses("gender")).toEqual([128, 64, 32, 16, 8, 1]);
    expect(config.heads["age"]).toMatchObject({ output: "relu", number: { code: "age-groups" } });
    expect(config.heads["gender"]).toMatchObject({ output: "sigmoid", number: null });
    expect(total(config)).toBe(6_536_834);
  });
});

test("the modern ones", () => {
  const count = (architecture: string) => total(cnnConfig({ architecture }));
  // kernels of 27, 9 * 32, ... inputs without biases, two numbers a channel, and 256 * 2 + 2
  const kernels = 9 * (3 * 32 + 32 * 64 + 64 * 128 + 128 * 256 + 256 * 256);
  expect(count("small")).toBe(kernels + 2 * (32 + 64 + 128 + 256 + 256) + 514);
  // torchvision's resnet18 has 11,689,512 parameters with its 1,000 classes
  const imagenet = cnnConfig({ architecture: "resnet18", heads: { label: classes(1000) } });
  expect(total(imagenet)).toBe(11_689_512);
  expect(cnnParams(imagenet).at(-2)).toMatchObject({ name: "fc.weight", shape: [1000, 512] });
  expect(cnnBuffers(imagenet).reduce((sum, { shape }) => sum + sizeOf(shape), 0)).toBe(2 * 4800);
  const { trunk } = placeCnn(imagenet);
  expect(showSize(trunk.find(({ layer }) => layer.name === "maxpool")!.to)).toBe("56x56x64");
  expect(showSize(trunk.find(({ layer }) => layer.name === "layer4.1")!.to)).toBe("7x7x512");
  const little = placeCnn(cnnConfig({ architecture: "resnet18-small" }));
  expect(showSize(little.trunk.at(-2)!.to)).toBe("6x6x512");
});

describe("heads", () => {
  const outputs = (options: CnnOptions) =>
    Object.fromEntries(
      Object.entries(cnnConfig(options).heads).map(([name, head]: [string, Head]) => [
        name,
        [head.output, classesOf(head), head.layers.at(-1)!.name],
      ]),
    );

  test("any attributes with any number of classes, and numbers", () => {
    const heads = { race: classes(5), age: number(116), smiles: classes(2), group: ageGroups };
    for (const architecture of ARCHITECTURE_NAMES) {
      const found = outputs({ architecture, heads });
      expect(found["race"]!.slice(0, 2), architecture).toEqual(["softmax", 5]);
      expect(found["smiles"]![1]).toBe(2);
      expect(found["age"]![1]).toBeNull();
      expect(found["group"]![1]).toBeNull();
    }
  });

  test("torchvision's name where there is one head, names of their own where there are more", () => {
    expect(outputs({ architecture: "resnet18" })["gender"]![2]).toBe("fc");
    const two = outputs({
      architecture: "resnet18",
      heads: { gender: classes(2), age: number(116) },
    });
    expect([two["gender"]![2], two["age"]![2]]).toEqual(["fc.gender", "fc.age"]);
  });

  test("one class is refused", () => {
    expect(() => cnnConfig({ architecture: "ward", heads: { gender: classes(1) } })).toThrow(
      /head "gender": expected two classes or more, received 1/,
    );
  });
});

describe("published flaws", () => {
  test("are never a default", () => {
    for (const architecture of ARCHITECTURE_NAMES) {
      const { config, imageProcessor } = cnnModel({ architecture, size: 64 });
      expect(config.compat).toEqual([]);
      expect(imageProcessor.rescaleFactor).toBe(1 / 255);
      expect(Object.values(config.heads).map(({ output }) => output)).not.toContain("sigmoid-each");
    }
  });

  test("Tripathi: two sigmoids, raw pixels", () => {
    const { config, imageProcessor } = cnnModel({
      architecture: "tripathi",
      compat: ["sigmoid-each", "raw-pixels"],
    });
    expect(config.heads["gender"]!.output).toBe("sigmoid-each");
    expect(total(config)).toBe(1_567_874);
    expect(imageProcessor).toMatchObject({ channels: 1, rescaleFactor: 1 });
  });

  test("Ward: raw pixels at prediction alone", () => {
    const model = cnnModel({ architecture: "ward", compat: ["raw-pixels-at-prediction"] });
    expect(model.imageProcessor.rescaleFactor).toBe(1 / 255);
    expect(model.config.compat).toEqual(["raw-pixels-at-prediction"]);
  });

  test("Serawan: one neuron with softmax, raw ages", () => {
    const { heads } = cnnConfig({
      architecture: "serawan",
      compat: ["one-neuron-softmax", "raw-age"],
    });
    expect(heads["gender"]).toMatchObject({ output: "one-neuron-softmax" });
    expect(heads["gender"]!.layers.at(-1)).toMatchObject({ units: 1 });
    expect(heads["race"]).toMatchObject({ output: "softmax" });
    expect(heads["age"]).toMatchObject({ number: { code: "divided", by: 1 } });
  });

  test("of another network are refused", () => {
    expect(() => cnnConfig({ architecture: "aghav", compat: ["raw-pixels"] })).toThrow(
      /^cnn:aghav: compat "raw-pixels" is no flaw of it, expected none; remove it$/,
    );
  });
});

describe("sizes", () => {
  test("too small for the layers: which one, and what is enough", () => {
    expect(() => cnnConfig({ architecture: "ward", size: 20 })).toThrow(
      /^cnn:ward, images of 20 x 20: maxPool "pool3": a window of 2 x 2 leaves nothing of 1 x 1; use images of 22 x 22 pixels or more$/,
    );
  });

  test("the smallest that is named works, and one less does not", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ARCHITECTURE_NAMES),
        fc.integer({ min: 1, max: 40 }),
        (architecture, size) => {
          try {
            cnnConfig({ architecture, size });
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(UsageError);
            const enough = Number(/use images of (\d+)/.exec((thrown as Error).message)![1]);
            expect(enough).toBeGreaterThan(size);
            cnnConfig({ architecture, size: enough });
            expect(() => cnnConfig({ architecture, size: enough - 1 })).toThrow(UsageError);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("grey or colour", () => {
    const grey = cnnConfig({ architecture: "ward", channels: 1 });
    expect(cnnParams(grey)[0]!.shape).toEqual([32, 1, 3, 3]);
  });
});

test("unknown architectures are refused with the known ones", () => {
  expect(() => cnnConfig({ architecture: "serowan" })).toThrow(
    /^cnn:serowan: expected one of ward, serawan, .*; did you mean cnn:serawan\?$/,
  );
});

describe("layers that do not fit", () => {
  const config = (trunk: CnnConfig["trunk"], last = dense("out", 2)): CnnConfig => ({
    architecture: "own",
    input: { size: 8, channels: 3 },
    init: "keras",
    compat: [],
    trunk,
    heads: { label: { layers: [last], output: "softmax", number: null } },
  });
  test.each([
    [
      "a dense layer of an image",
      config([conv("a", 4, 3)]),
      /dense "out": expected a vector, received 6x6x4/,
    ],
    [
      "a convolution of a vector",
      config([flatten("f"), conv("a", 4, 3)]),
      /conv "a": expected an image, received a vector of 192/,
    ],
    ["equal names", config([conv("a", 4, 3), maxPool("a"), flatten("f")]), /two layers are "a"/],
    [
      "ways of different sizes",
      config([residual("r", [conv("a", 4, 3)], []), flatten("f")]),
      /residual "r": its body gives 6x6x4, expected its shortcut's 8x8x3/,
    ],
    [
      "a failure inside a residual, named once",
      config([residual("r", [dense("a", 3)], []), flatten("f")]),
      /: dense "a": expected a vector/,
    ],
    [
      "groups",
      config([conv("a", 4, 3, { groups: 2 }), flatten("f")]),
      /groups to divide 3 channels and 4/,
    ],
    [
      "one unit for softmax",
      config([flatten("f")], dense("out", 1)),
      /two units or more for softmax/,
    ],
    ["padding beyond half a window", config([maxPool("p", 2, 2, 2), flatten("f")]), /at most half/],
  ])("%s", (_, broken, message) => {
    expect(() => placeCnn(broken)).toThrow(message);
    expect(() => placeCnn(broken)).toThrow(UsageError);
  });
});

test('"same" keeps ceil(size / stride), the odd zero below and right', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 3 }),
      (size, kernel, stride) => {
        const config: CnnConfig = {
          architecture: "own",
          input: { size, channels: 1 },
          init: "keras",
          compat: [],
          trunk: [conv("a", 2, kernel, { stride, padding: "same" }), flatten("f")],
          heads: { label: { layers: [dense("out", 2)], output: "softmax", number: null } },
        };
        const side = Math.ceil(size / stride);
        expect(placeCnn(config).trunk[0]!.to).toEqual([2, side, side]);
      },
    ),
  );
});

test("start values: bounds and spreads of each scheme", () => {
  const spread = (architecture: string, name: string) => {
    const { data } = cnnModel({ architecture, size: 64 }).weights.get(name)!;
    const mean = data.reduce((sum, x) => sum + x, 0) / data.length;
    return {
      most: data.reduce((most, x) => Math.max(most, Math.abs(x)), 0),
      std: Math.sqrt(data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / data.length),
    };
  };
  const glorot = Math.sqrt(6 / (9 * 64 + 9 * 128));
  const keras = spread("aghav", "conv3.weight");
  expect(keras.most).toBeLessThanOrEqual(glorot);
  expect(keras.std / (glorot / Math.sqrt(3))).toBeCloseTo(1, 1);
  expect(spread("aghav", "conv3.bias").most).toBe(0);
  const byInputs = 1 / Math.sqrt(9 * 128);
  const torch = spread("small", "conv5.weight");
  expect(torch.most).toBeLessThanOrEqual(1 / Math.sqrt(9 * 256));
  expect(spread("small", "conv4.weight").std / (byInputs / Math.sqrt(3))).toBeCloseTo(1, 1);
  const fanOut = Math.sqrt(2 / (9 * 128));
  expect(spread("resnet18", "layer2.1.conv1.weight").std / fanOut).toBeCloseTo(1, 1);
  const { weights } = cnnModel({ architecture: "resnet18", size: 64 });
  expect([...weights.get("bn1.weight")!.data]).toEqual(Array<number>(64).fill(1));
  expect([...weights.get("bn1.running_var")!.data]).toEqual(Array<number>(64).fill(1));
});

test("equal seeds give equal weights", () => {
  const kernel = (seed: number) =>
    cnnModel({ architecture: "small", seed }).weights.get("conv1.weight");
  expect(kernel(3)).toEqual(kernel(3));
  expect(kernel(3)).not.toEqual(kernel(4));
});

test("every architecture has a size and heads of its own", () => {
  for (const name of ARCHITECTURE_NAMES) {
    const { size, channels } = ARCHITECTURES[name];
    expect(cnnConfig({ architecture: name }).input).toEqual({ size, channels });
  }
});
