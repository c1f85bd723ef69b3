import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commandSource } from "../../src/generate/command.ts";
import { drawMissing } from "../../src/generate/draw-missing.ts";
import { retryAfterMs } from "../../src/generate/http.ts";
import { huggingFaceSource } from "../../src/generate/huggingface.ts";
import { writeManifest } from "../../src/generate/manifest.ts";
import { drawingOptions, openSource } from "../../src/generate/open-source.ts";
import { endpointOf, openAiSource } from "../../src/generate/openai.ts";
import { readRecords } from "../../src/generate/records.ts";
import { readCsv } from "../../src/data/csv.ts";
import { type ImageService, ImageServiceSchema } from "../../src/run/config/image-service.ts";
import { many, options, server, temporaryFolder, wanted } from "./draw.ts";
import { noisePng } from "./image-server.ts";

const request = {
  prompt: "a person cooking",
  negative: "a drawing",
  seed: 123,
  width: 512,
  height: 256,
  steps: 20,
  guidance: 7.5,
};
const { signal } = new AbortController();

/** A section as the config gives it, defaults filled in. */
const section = (service: object): ImageService => ImageServiceSchema.parse(service);

test("OpenAI's API: a server of one's own is told seed, steps, guidance and what not to show", async () => {
  const { url, asked } = await server();
  const source = openAiSource({
    url,
    model: "sdxl",
    key: "k",
    keyVariable: "K",
    extra: { mode: 1 },
  });
  const { bytes } = await source.draw(request, signal);
  expect(Buffer.from(bytes)).toEqual(await noisePng("a person cooking", 123));
  expect(asked[0]).toMatchObject({ path: "/v1/images/generations", key: "Bearer k" });
  expect(asked[0]!.body).toEqual({
    model: "sdxl",
    prompt: "a person cooking",
    n: 1,
    size: "512x256",
    response_format: "b64_json",
    negative_prompt: "a drawing",
    seed: 123,
    steps: 20,
    step: 20,
    num_inference_steps: 20,
    guidance_scale: 7.5,
    mode: 1,
  });
});

test("OpenAI's API: what a server takes within the prompt, or by another name, is said by the config", async () => {
  const { url, asked } = await server();
  const { extra } = section({
    kind: "openai",
    extra: {
      prompt:
        '{prompt} <sd_cpp_extra_args>{"seed":{seed},"sample_params":{"sample_steps":{steps}}}</sd_cpp_extra_args>',
      quality: "low",
    },
  }) as { extra: Record<string, string> };
  await openAiSource({ url, keyVariable: "K", extra }).draw(request, signal);
  expect(asked[0]!.body).toMatchObject({
    prompt:
      'a person cooking <sd_cpp_extra_args>{"seed":123,"sample_params":{"sample_steps":20}}</sd_cpp_extra_args>',
    quality: "low",
  });
  expect(openAiSource({ keyVariable: "K", extra: { user: "{seed}" } }).sends).toContain("seed");
});

test("OpenAI itself is told neither, which is recorded", () => {
  for (const url of [undefined, "https://me.openai.azure.com/openai/v1"])
    expect(openAiSource({ url, model: "gpt-image-1", keyVariable: "K" }).sends).toEqual([
      "prompt",
      "width",
      "height",
    ]);
});

test("OpenAI's API: an answer with an address is fetched, without the key", async () => {
  const { url, asked } = await server(() => "url");
  const { bytes } = await openAiSource({ url, key: "k", keyVariable: "K" }).draw(request, signal);
  expect(Buffer.from(bytes)).toEqual(await noisePng("a person cooking", 123));
  expect(asked).toHaveLength(1);
});

test("OpenAI's API: a prompt that the service rewrote is recorded", async () => {
  const b64_json = (await noisePng("x")).toString("base64");
  const { url } = await server(() => ({
    json: { data: [{ b64_json, revised_prompt: "a young woman cooking" }] },
  }));
  const given = options({ source: openAiSource({ url, keyVariable: "K" }) });
  await drawMissing(wanted("cooking"), given);
  expect((await readRecords(given.folder))[0]!.revised_prompt).toBe("a young woman cooking");
});

test("addresses with and without the API's path are the same endpoint", () => {
  const whole = "http://localhost:8080/v1/images/generations";
  for (const address of [
    "http://localhost:8080",
    "http://localhost:8080/",
    "http://localhost:8080/v1",
    whole,
  ])
    expect(endpointOf(address).href).toBe(whole);
  expect(endpointOf("https://x.azure.com/openai/v1?api-version=1").href).toBe(
    "https://x.azure.com/openai/v1/images/generations?api-version=1",
  );
  expect(() => endpointOf("localhost")).toThrow(/expected an address/);
});

test("Hugging Face's API: an endpoint is told everything", async () => {
  const { url, asked } = await server();
  const source = await huggingFaceSource({
    url: `${url}/sdxl`,
    key: "hf_k",
    keyVariable: "HF_TOKEN",
  });
  const { bytes } = await source.draw(request, signal);
  expect(Buffer.from(bytes)).toEqual(await noisePng("a person cooking", 123));
  expect(asked[0]).toMatchObject({ path: "/sdxl", key: "Bearer hf_k" });
  expect(asked[0]!.body).toEqual({
    inputs: "a person cooking",
    parameters: {
      negative_prompt: "a drawing",
      seed: 123,
      width: 512,
      height: 256,
      num_inference_steps: 20,
      guidance_scale: 7.5,
    },
  });
});

test("Hugging Face's API: 503 while a model loads is waited for; 401, hangs and half pictures as elsewhere", async () => {
  const loading = {
    status: 503,
    body: '{"error":"Model is loading"}',
    headers: { "retry-after": "0" },
  };
  const answers = [loading, "truncated", "hang", "picture"] as const;
  const { url, asked } = await server((n) => answers[n]!);
  const source = await huggingFaceSource({ url, keyVariable: "HF_TOKEN" });
  const patience = { timeoutSeconds: 0.3, retries: 3, pauseMs: 2 };
  const { outcomes } = await drawMissing(wanted("cooking"), options({ source, patience }));
  expect(outcomes[0]).toMatchObject({ origin: "drawn", seed: 123 });
  expect(asked).toHaveLength(4);

  const { url: shut } = await server(() => ({
    status: 401,
    body: '{"error":"Invalid credentials"}',
  }));
  const refused = await huggingFaceSource({ url: shut, keyVariable: "HF_TOKEN" });
  await expect(drawMissing(many(3), options({ source: refused }))).rejects.toThrow(
    /401: Invalid credentials; set HF_TOKEN to a valid key/,
  );
});

/** A program of the test: a Node script that is given the arguments. */
function program(script: string): string[] {
  const file = join(temporaryFolder(), "draw.mjs");
  writeFileSync(file, script);
  return [process.execPath, file];
}

test("a command gets the prompt as one argument, without a shell, and writes the picture", async () => {
  const log = join(temporaryFolder(), "args.json");
  const picture = join(temporaryFolder(), "p.png");
  writeFileSync(picture, await noisePng("p"));
  const script = `import fs from "node:fs";
    fs.writeFileSync(${JSON.stringify(log)}, JSON.stringify(process.argv.slice(2)));
    fs.copyFileSync(${JSON.stringify(picture)}, process.argv.at(-1));`;
  const source = commandSource([
    ...program(script),
    "--p={prompt}",
    "{seed}",
    "{width}x{height}",
    "{out}",
  ]);
  const prompt = 'a person; rm -rf $HOME "{seed}" `x`';
  const given = options({ source });
  const { outcomes } = await drawMissing([{ prompt, file: "a.png" }], given);
  expect(outcomes[0]!.origin).toBe("drawn");
  expect(JSON.parse(readFileSync(log, "utf8")).slice(0, 3)).toEqual([
    `--p=${prompt}`,
    "123",
    "768x768",
  ]);
  const [record] = await readRecords(given.folder);
  expect(record!.not_sent).toEqual(["negative", "steps", "guidance"]);
});

test("a command without {out} prints the picture", async () => {
  const picture = (await noisePng("p")).toString("base64");
  const source = commandSource([
    ...program(`process.stdout.write(Buffer.from("${picture}", "base64"))`),
    "{prompt}",
  ]);
  expect(Buffer.from((await source.draw(request, signal)).bytes)).toEqual(await noisePng("p"));
});

test("a command that fails gives its last line; one that hangs is killed; one that is not there ends the run", async () => {
  const failing = commandSource([
    ...program(`console.error("loading\\nout of memory"); process.exit(3)`),
    "{prompt}",
  ]);
  const { outcomes } = await drawMissing(wanted("cooking"), options({ source: failing }));
  expect(outcomes[0]!.reason).toMatch(/ended with exit code 3: out of memory$/);

  const hanging = commandSource([...program(`setInterval(() => {}, 1000)`), "{prompt}"]);
  const patience = { timeoutSeconds: 0.3, retries: 0, pauseMs: 2 };
  const late = await drawMissing(wanted("cooking"), options({ source: hanging, patience }));
  expect(late.outcomes[0]!.reason).toBe("no picture within 0.3 s");

  const silent = commandSource([...program(""), "{prompt}", "{out}"]);
  const nothing = await drawMissing(wanted("cooking"), options({ source: silent }));
  expect(nothing.outcomes[0]!.reason).toMatch(/without writing \{out\}/);

  const absent = commandSource(["/no/such/program", "{prompt}"]);
  await expect(drawMissing(many(2), options({ source: absent }))).rejects.toThrow(
    /cannot be started/,
  );
  expect(() => commandSource(["draw", "{seed}"])).toThrow(/with \{prompt\}/);
});

test("keys come from the environment, and go to nobody else", async () => {
  const { url, asked } = await server();
  const key = { OPENAI_API_KEY: "secret", MINE: "mine" };
  await expect(openSource(section({ kind: "openai" }), {})).rejects.toThrow(
    /api\.openai\.com wants a key.*OPENAI_API_KEY is not set/,
  );
  await expect(openSource(section({ kind: "huggingface", model: "a/b" }), {})).rejects.toThrow(
    /HF_TOKEN is not set/,
  );
  await expect(
    openSource(section({ kind: "openai", url, keyVariable: "NOT_SET" }), key),
  ).rejects.toThrow(/NOT_SET is not set/);
  const sources = [
    await openSource(section({ kind: "openai", url }), key),
    await openSource(section({ kind: "openai", url, keyVariable: "MINE" }), key),
    await openSource(section({ kind: "huggingface", url }), { HF_TOKEN: "secret" }),
  ];
  for (const source of sources) await source.draw(request, signal);
  expect(asked.map((one) => one.key)).toEqual([undefined, "Bearer mine", undefined]);
});

test("configs: what does not go together is an error", () => {
  expect(drawingOptions(section({ kind: "openai" }))).toMatchObject({
    // the study's
    settings: { seed: 123, steps: 20, guidance: 7.5, width: 768, height: 768 },
    concurrency: 2,
  });
  expect(() => section({ kind: "huggingface" })).toThrow(/either url/);
  expect(() => section({ kind: "command", command: ["draw"] })).toThrow();
  expect(() => section({ kind: "openai", command: ["draw", "{prompt}"] })).toThrow();
});

test("Retry-After in seconds and as a date", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  const of = (value: string): number | null =>
    retryAfterMs(new Headers({ "retry-after": value }), now);
  expect(of("20")).toBe(20_000);
  expect(of("Thu, 01 Jan 2026 00:01:00 GMT")).toBe(60_000);
  expect(of("Wed, 31 Dec 2025 00:00:00 GMT")).toBe(0);
  expect(of("soon")).toBeNull();
  expect(retryAfterMs(new Headers())).toBeNull();
});

test("the manifest is read back as the data it says", async () => {
  const { url } = await server((_, { body }) =>
    body["prompt"] === "a person reading" ? { status: 400 } : "picture",
  );
  const given = options({ source: openAiSource({ url, model: "sdxl", keyVariable: "K" }) });
  const { outcomes } = await drawMissing(wanted("cooking", "reading", 'of Łódź, "x"'), given);
  const path = join(given.folder, "manifest.csv");
  await writeManifest(path, given.folder, outcomes, (prompt) => ({
    group: "neutral",
    activity: prompt.replace("a person ", ""),
  }));
  const { rows, rejected } = await readCsv(path, {
    image: "image",
    attributes: ["prompt", "group", "activity", "model", "sha256"],
    numeric: ["seed"],
  });
  expect(rejected).toEqual([]);
  expect(rows.map(({ labels }) => labels["activity"])).toEqual(["cooking", 'of Łódź, "x"']);
  expect(rows[0]).toMatchObject({
    path: join(given.folder, "a_person_cooking.png"),
    labels: { prompt: "a person cooking", model: "sdxl", sha256: outcomes[0]!.sha256 },
    numbers: { seed: 123 },
  });
});

test("a manifest of nothing still says its columns", async () => {
  const given = options();
  const { outcomes } = await drawMissing(wanted("cooking"), given);
  const path = join(given.folder, "pictures.csv");
  await writeManifest(path, given.folder, outcomes, () => ({ group: "neutral" }));
  expect(readFileSync(path, "utf8")).toBe("image,prompt,group,seed,model,sha256\n");
});
