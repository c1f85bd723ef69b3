/** @file The config of a service that draws pictures. */
import { z } from "zod";
import { count, name, positive } from "./scalars.ts";

const drawing = {
  seed: z
    .int()
    .min(0)
    .max(2147483647)
    .default(123)
    .describe("of the noise that pictures grow from"),
  seeds: z
    .enum(["shared", "by-prompt"])
    .default("shared")
    .describe("that seed for all pictures, or one derived from it and the prompt"),
  size: z.int().min(64).max(4096).default(768).describe("side of a picture in pixels"),
  steps: count.default(20).describe("of the diffusion, where the service lets one choose"),
  guidance: positive.default(7.5).describe("how strictly the prompt is followed, likewise"),
  negative: z
    .string()
    .optional()
    .describe("what pictures should not show, likewise; by default the study's"),
  concurrency: count.default(2).describe("pictures asked for at a time"),
  retries: z
    .int()
    .min(0)
    .default(4)
    .describe("after a timeout, 429, 5xx or half a picture, with growing pauses"),
};
const online = {
  timeoutSeconds: positive
    .max(300)
    .default(120)
    .describe("for one picture; what takes longer is drawn by a command"),
  keyVariable: name
    .optional()
    .describe("environment variable that holds the key. Keys do not go into configs"),
  extra: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .default({})
    .describe(
      "further fields of each request, such as quality; {prompt}, {seed} and the like are filled in",
    ),
};

/** Who draws pictures that are missing. */
export const ImageServiceSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("openai").describe("speaks OpenAI's images API: OpenAI, or a server of yours"),
    url: name.optional().describe("address of the server; by default OpenAI's"),
    model: name.optional().describe("model that is asked for, such as gpt-image-1"),
    ...drawing,
    ...online,
  }),
  z
    .strictObject({
      kind: z.literal("huggingface").describe("speaks Hugging Face's inference API"),
      url: name.optional().describe("address of an inference endpoint; by default the providers'"),
      model: name.optional().describe("id of a model of the Hub; an endpoint has its own"),
      provider: name
        .optional()
        .describe("who computes, such as hf-inference or fal-ai; by default the account's first"),
      ...drawing,
      ...online,
    })
    .refine(({ url, model }) => (url === undefined) !== (model === undefined), {
      error: "expected either url, of an endpoint, or model, of the Hub",
    })
    .refine(({ url, provider }) => url === undefined || provider === undefined, {
      error: "expected url or provider, not both",
    }),
  z.strictObject({
    kind: z.literal("command").describe("a program, started once a picture"),
    command: z
      .array(name)
      .min(2)
      .describe(
        "program and arguments; {prompt}, {negative}, {seed}, {width}, {height}, {steps}, {guidance} and {out} are filled in",
      ),
    ...drawing,
    timeoutSeconds: positive.default(600).describe("for one picture"),
  }),
]);
export type ImageService = z.infer<typeof ImageServiceSchema>;
