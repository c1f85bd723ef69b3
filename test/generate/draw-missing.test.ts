import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { decodeImage } from "../../src/data/decode.ts";
import { drawMissing } from "../../src/generate/draw-missing.ts";
import { type Outcome, seedOf } from "../../src/generate/find-pictures.ts";
import { readRecords, sha256 } from "../../src/generate/records.ts";
import { InterruptedError } from "../../src/run/errors.ts";
import { flatImage, noiseImage, toSharp } from "../data/images.ts";
import { local, many, options, server, temporaryFolder, wanted } from "./draw.ts";
import { noisePng } from "./image-server.ts";

const origins = (outcomes: readonly Outcome[]): string[] => outcomes.map(({ origin }) => origin);
const patience = { timeoutSeconds: 5, retries: 3, pauseMs: 2 };

test("pictures are drawn, kept with where they are from, and a second run asks for none", async () => {
  const { url, asked } = await server();
  const given = options({ source: local(url) });
  const first = await drawMissing(wanted("cooking", "reading"), given);
  expect(origins(first.outcomes)).toEqual(["drawn", "drawn"]);
  expect(first.calls).toBe(2);
  for (const { file, sha256: hash, seed, model } of first.outcomes) {
    const bytes = readFileSync(join(given.folder, file!));
    expect([hash, seed, model]).toEqual([sha256(bytes), 123, "sdxl"]);
    expect(await decodeImage(bytes)).toMatchObject({ width: 16, height: 16 });
  }
  expect(readdirSync(given.folder).toSorted()).toEqual([
    "a_person_cooking.png",
    "a_person_reading.png",
    "drawn.jsonl",
  ]);
  const [record] = await readRecords(given.folder);
  expect(record).toMatchObject({
    file: "a_person_cooking.png",
    prompt: "a person cooking",
    seed: 123,
    request: { negative: "a drawing", width: 768, height: 768, steps: 20, guidance: 7.5 },
    not_sent: [],
    source: { service: "openai", model: "sdxl" },
    width: 16,
    height: 16,
  });
  expect(Date.parse(record!.date)).toBeGreaterThan(Date.now() - 60_000);

  const second = await drawMissing(wanted("cooking", "reading"), given);
  expect(second.calls).toBe(0);
  expect(origins(second.outcomes)).toEqual(["kept", "kept"]);
  expect(second.outcomes).toEqual(first.outcomes.map((one) => ({ ...one, origin: "kept" })));
  expect(asked).toHaveLength(2);
});

test("other parameters draw anew, into a folder beside; going back finds the first again", async () => {
  const { url, asked } = await server();
  const given = options({ source: local(url) });
  const first = await drawMissing(wanted("cooking"), given);
  const other = { ...given, settings: { ...given.settings, seed: 7 } };
  const second = await drawMissing(wanted("cooking"), other);
  expect(second.outcomes[0]!.file).toMatch(/^settings-[0-9a-f]{8}\/a_person_cooking\.png$/);
  expect(second.outcomes[0]!.sha256).not.toBe(first.outcomes[0]!.sha256);
  expect(asked.map(({ body }) => body["seed"])).toEqual([123, 7]);
  for (const settings of [given, other])
    expect((await drawMissing(wanted("cooking"), settings)).calls).toBe(0);
  const third = { ...given, settings: { ...given.settings, steps: 30 } };
  expect((await drawMissing(wanted("cooking"), third)).calls).toBe(1);
});

test("a picture that the user put there is taken as it is, and what replaced a drawn one, too", async () => {
  const { url, asked } = await server();
  const given = options({ source: local(url) });
  writeFileSync(join(given.folder, "a_person_cooking.png"), await noisePng("mine"));
  const { outcomes } = await drawMissing(wanted("cooking", "reading"), given);
  expect(origins(outcomes)).toEqual(["given", "drawn"]);
  expect(outcomes[0]).toMatchObject({ seed: null, model: null });
  writeFileSync(join(given.folder, "a_person_reading.png"), await noisePng("mine, too"));
  const again = await drawMissing(wanted("cooking", "reading"), given);
  expect(origins(again.outcomes)).toEqual(["given", "given"]);
  expect(asked).toHaveLength(1);
});

test("the user's pictures may have another format, capitals, or a folder of their own", async () => {
  const { url, asked } = await server();
  const given = options({ source: local(url) });
  mkdirSync(join(given.folder, "part1"));
  for (const name of ["A_Person_Cooking.JPG", "part1/a_person_reading.webp"])
    await toSharp(noiseImage(8, 8)).toFile(join(given.folder, name));
  const { outcomes } = await drawMissing(wanted("cooking", "reading"), given);
  expect(outcomes.map(({ file }) => file)).toEqual([
    "A_Person_Cooking.JPG",
    "part1/a_person_reading.webp",
  ]);
  expect(asked).toEqual([]);
});

test("without a service what is missing is listed, and nothing stops", async () => {
  const { url } = await server();
  const given = options({ source: local(url) });
  await drawMissing(wanted("cooking"), given);
  const report = await drawMissing(wanted("cooking", "reading"), { ...given, source: null });
  expect(origins(report.outcomes)).toEqual(["kept", "missing"]);
  expect(report.outcomes[1]).toMatchObject({ file: null, sha256: null });
  expect(report.outcomes[1]!.reason).toMatch(/no such picture/);
});

test("a prompt that is wanted twice is drawn once; two prompts cannot share a file", async () => {
  const { url, asked } = await server();
  const given = options({ source: local(url) });
  const report = await drawMissing(wanted("cooking", "cooking"), given);
  expect(report.outcomes).toHaveLength(2);
  expect(asked).toHaveLength(1);
  const clash = [
    { prompt: "a b", file: "a_b.png" },
    { prompt: "a_b", file: "a_b.png" },
  ];
  await expect(drawMissing(clash, given)).rejects.toThrow(/"a b" and "a_b" .* a_b\.png/);
});

test("429 with Retry-After: the pause is kept, by all pictures, then the picture comes", async () => {
  const { url, asked } = await server((n) =>
    n === 0 ? { status: 429, headers: { "retry-after": "0.3" }, body: "slow down" } : "picture",
  );
  const given = options({ source: local(url), concurrency: 3 });
  const { outcomes } = await drawMissing(many(5), given);
  expect(origins(outcomes)).toEqual(Array(5).fill("drawn"));
  // those on their way when it was said, up to the limit, and none before the pause was over
  const during = asked.filter(({ at }) => at > asked[0]!.at + 60 && at < asked[0]!.at + 290);
  expect(during).toEqual([]);
});

test("Retry-After beyond a quarter of an hour ends the run and says so", async () => {
  const { url } = await server(() => ({ status: 429, headers: { "retry-after": "7200" } }));
  await expect(drawMissing(many(3), options({ source: local(url) }))).rejects.toThrow(
    /answered 429.*asks to wait 120 minutes/,
  );
});

test("a service that hangs is given up after the timeout, and asked again", async () => {
  const { url, asked } = await server((n) => (n === 0 ? "hang" : "picture"));
  const given = options({ source: local(url), patience: { ...patience, timeoutSeconds: 0.2 } });
  const { outcomes, calls } = await drawMissing(wanted("cooking"), given);
  expect(origins(outcomes)).toEqual(["drawn"]);
  expect([calls, asked.length]).toEqual([2, 2]);
  const { url: dead } = await server(() => "hang");
  const never = await drawMissing(wanted("cooking"), {
    ...options({ source: local(dead) }),
    patience: { timeoutSeconds: 0.05, retries: 1, pauseMs: 2 },
  });
  expect(never.outcomes[0]!.reason).toBe("no picture within 0.05 s (tried 2 times)");
});

test("a truncated picture is never kept: it is asked for again, then the whole one stays", async () => {
  const { url, asked } = await server((n) => (n === 0 ? "truncated" : "picture"));
  const given = options({ source: local(url) });
  const { outcomes } = await drawMissing(wanted("cooking"), given);
  expect(origins(outcomes)).toEqual(["drawn"]);
  expect(asked).toHaveLength(2);
  await decodeImage(join(given.folder, "a_person_cooking.png"));

  const { url: broken } = await server(() => "truncated");
  const folder = temporaryFolder();
  const never = await drawMissing(wanted("cooking"), options({ source: local(broken), folder }));
  expect(never.outcomes[0]!.reason).toMatch(/damaged or truncated image.*\(tried 4 times\)/);
  expect(readdirSync(folder)).toEqual(["drawn.jsonl"]);
});

test("what is no picture, and a connection that drops, are asked for again", async () => {
  const answers = [
    { bytes: Buffer.from("<html>busy</html>") },
    "drop",
    { json: {} },
    "picture",
  ] as const;
  const { url } = await server((n) => answers[n]!);
  const { outcomes } = await drawMissing(wanted("cooking"), options({ source: local(url) }));
  expect(origins(outcomes)).toEqual(["drawn"]);
});

test("a picture of one colour is what a safety filter leaves: it counts as refused", async () => {
  const black = await toSharp(flatImage(16, 16, 0))
    .png()
    .toBuffer();
  const { url, asked } = await server(() => ({ bytes: black }));
  const { outcomes } = await drawMissing(wanted("cooking"), options({ source: local(url) }));
  expect(outcomes[0]!.reason).toMatch(/one colour only/);
  expect(asked).toHaveLength(1);
});

test("a JPEG becomes a PNG of the same pixels", async () => {
  const jpeg = await toSharp(noiseImage(24, 16)).jpeg().toBuffer();
  const { url } = await server(() => ({ bytes: jpeg }));
  const given = options({ source: local(url) });
  await drawMissing(wanted("cooking"), given);
  const kept = readFileSync(join(given.folder, "a_person_cooking.png"));
  expect(kept.subarray(1, 4).toString()).toBe("PNG");
  expect(await decodeImage(kept)).toEqual(await decodeImage(jpeg));
});

test("one that the service refuses is listed with its own words; the rest goes on", async () => {
  const { url, asked } = await server((_, { body }) =>
    body["prompt"] === "a person cooking"
      ? {
          status: 400,
          body: '{"error":{"message":"Your request\\nwas rejected.","code":"moderation_blocked"}}',
        }
      : "picture",
  );
  const { outcomes } = await drawMissing(
    wanted("reading", "cooking", "running"),
    options({ source: local(url) }),
  );
  expect(origins(outcomes)).toEqual(["drawn", "missing", "drawn"]);
  expect(outcomes[1]!.reason).toMatch(
    /^127\.0\.0\.1:\d+ answered 400: Your request was rejected\.$/,
  );
  expect(asked).toHaveLength(3);
});

test("500 for ever: each picture is tried, and after ten that failed the rest is not asked for", async () => {
  const { url, asked } = await server(() => ({ status: 500, body: "<html>nginx</html>" }));
  const given = options({ source: local(url), patience: { ...patience, retries: 1 } });
  const { outcomes } = await drawMissing(many(13), given);
  expect(origins(outcomes)).toEqual(Array(13).fill("missing"));
  expect(outcomes[0]!.reason).toMatch(/answered 500: Internal Server Error \(tried 2 times\)$/);
  expect(outcomes[12]!.reason).toMatch(/^not asked for: 10 before it failed/);
  expect(asked).toHaveLength(20);
});

test("refusals one after another do not end the run once a picture came; before, they do", async () => {
  const { url, asked } = await server((n) => (n === 0 || n > 12 ? "picture" : { status: 400 }));
  const { outcomes } = await drawMissing(many(14), options({ source: local(url) }));
  expect(asked).toHaveLength(14);
  expect(origins(outcomes)).toEqual(["drawn", ...Array(12).fill("missing"), "drawn"]);
  const { url: never, asked: inVain } = await server(() => ({ status: 400, body: "bad size" }));
  await drawMissing(many(14), options({ source: local(never) }));
  expect(inVain).toHaveLength(10);
});

test.each([
  [401, '{"error":{"message":"Incorrect API key"}}', /401: Incorrect API key; set OPENAI_API_KEY/],
  [404, '{"detail":"no model sdxl"}', /404: no model sdxl; check url and model/],
  [429, '{"error":{"message":"You exceeded your quota","code":"insufficient_quota"}}', /429: You/],
])(
  "%i, where no picture could come, ends the run with the service's words",
  async (status, body, says) => {
    const { url, asked } = await server(() => ({ status, body }));
    const failing = drawMissing(many(5), options({ source: local(url) }));
    await expect(failing).rejects.toThrow(says);
    expect(asked).toHaveLength(1);
  },
);

test("a refused connection names the address and asks whether anything runs there", async () => {
  const gone = await server();
  await gone.close();
  const { outcomes } = await drawMissing(wanted("cooking"), options({ source: local(gone.url) }));
  expect(outcomes[0]!.reason).toMatch(
    /^127\.0\.0\.1:\d+: refused the connection; is the service running there\? \(tried 4 times\)$/,
  );
});

test("never more at a time than the limit", async () => {
  const { url, most } = await server(() => "picture", 20);
  const { outcomes } = await drawMissing(many(12), options({ source: local(url), concurrency: 3 }));
  expect(origins(outcomes)).toEqual(Array(12).fill("drawn"));
  expect(most()).toBe(3);
});

test("an interrupt keeps what is done, and the same call goes on", async () => {
  const stop = new AbortController();
  const { url, asked } = await server((n) => {
    if (n === 3) stop.abort();
    return n === 3 ? "hang" : "picture";
  });
  const given = options({ source: local(url) });
  const interrupted = drawMissing(many(6), { ...given, signal: stop.signal });
  await expect(interrupted).rejects.toThrow(InterruptedError);
  await expect(interrupted).rejects.toThrow(/3 of 6 pictures/);
  const { outcomes } = await drawMissing(many(6), given);
  expect(origins(outcomes)).toEqual(["kept", "kept", "kept", "drawn", "drawn", "drawn"]);
  expect(asked).toHaveLength(7);
});

test("a kill between the record and the picture, or within a record, costs one picture", async () => {
  const { url } = await server();
  const given = options({ source: local(url) });
  await drawMissing(wanted("cooking"), given);
  const records = join(given.folder, "drawn.jsonl");
  const line = readFileSync(records, "utf8");
  writeFileSync(records, line + line.replaceAll("cooking", "reading") + line.slice(0, 40));
  const { outcomes } = await drawMissing(wanted("cooking", "reading"), given);
  expect(origins(outcomes)).toEqual(["kept", "drawn"]);
  expect(await readRecords(given.folder)).toHaveLength(3);
});

test("seeds are shared, or made of seed and prompt, below 2^31", async () => {
  expect(seedOf(123, "shared", "a")).toBe(123);
  const seeds = Array.from({ length: 200 }, (_, i) => seedOf(123, "by-prompt", `prompt ${i}`));
  expect(new Set(seeds).size).toBe(200);
  expect(Math.max(...seeds)).toBeLessThan(2 ** 31);
  // the number a user of another tool gets from the same hash
  expect(seedOf(123, "by-prompt", "a")).toBe(
    Buffer.from(sha256("123\na"), "hex").readUInt32BE() >>> 1,
  );
  const { url, asked } = await server();
  const given = options({ source: local(url) });
  const settings = { ...given.settings, seeds: "by-prompt" as const };
  const { outcomes } = await drawMissing(wanted("cooking", "reading"), { ...given, settings });
  expect(outcomes.map(({ seed }) => seed)).toEqual(asked.map(({ body }) => body["seed"]));
  expect(outcomes[0]!.seed).not.toBe(outcomes[1]!.seed);
});

test("records that are none are an error that names the file", async () => {
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "drawn.jsonl"), '{"key": 1}\n');
  await expect(drawMissing(many(1), options({ folder }))).rejects.toThrow(
    /drawn\.jsonl: .*no record of a drawn picture/,
  );
});
