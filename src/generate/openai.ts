/** @file Pictures by services that speak OpenAI's images API: OpenAI, and servers of one's own. */
import { z } from "zod";
import { UsageError } from "../run/errors.ts";
import { type Extra, filledFields, namedIn } from "./fill.ts";
import { type Service, drawn, unreachable } from "./http.ts";
import { DrawError, type Drawing, type ImageSource, type Parameter } from "./source.ts";

export interface OpenAiOptions {
  /** Address of the server, with or without the API's path; that of OpenAI by default. */
  readonly url?: string | undefined;
  readonly model?: string | undefined;
  readonly key?: string | undefined;
  readonly keyVariable: string;
  /** Further fields of each request, such as quality, or others in place of these; `{seed}` and the like are filled in. */
  readonly extra?: Extra;
}

export const OPENAI = "https://api.openai.com";

/** Services that refuse fields they do not know, and know no seed, steps, guidance or negative prompt. */
const STRICT = /(^|\.)(openai\.com|azure\.com)$/;

const Answer = z.object({
  data: z
    .array(
      z.object({
        b64_json: z.string().nullish(),
        url: z.string().nullish(),
        revised_prompt: z.string().nullish(),
      }),
    )
    .min(1),
});

/** `http://host:8080`, `.../v1` and the whole address all name the same endpoint. */
export function endpointOf(address: string): URL {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new UsageError(`url: expected an address such as ${OPENAI}, received "${address}"`);
  }
  const base = url.pathname.replace(/\/+$/, "") || "/v1";
  url.pathname = base.endsWith("/images/generations") ? base : `${base}/images/generations`;
  return url;
}

/**
 * A request is `POST /v1/images/generations` for one picture; the answer holds it as base64 or as an address to fetch.
 * OpenAI's API knows no seed, negative prompt, steps or guidance. Servers of one's own are sent them under the names that
 * vLLM-Omni, SGLang and LocalAI give them; others ignore them, or take them within the prompt, which `extra` can say.
 * The official package would add types and retries to this one request, and retries are counted by the caller.
 */
export function openAiSource({
  url: address = OPENAI,
  model,
  key,
  keyVariable,
  extra = {},
}: OpenAiOptions): ImageSource {
  const url = endpointOf(address);
  const service: Service = { name: url.host, keyVariable };
  const isStrict = STRICT.test(url.hostname);
  const texts = Object.values(extra).filter((value) => typeof value === "string");
  const sends: readonly Parameter[] = isStrict
    ? ["prompt", "width", "height", ...namedIn(texts)]
    : ["prompt", "negative", "seed", "width", "height", "steps", "guidance"];
  // GPT Image models answer in base64 and refuse the field; elsewhere it spares a second request
  const format = model?.startsWith("gpt-image") ? {} : { response_format: "b64_json" };
  const headers = {
    "content-type": "application/json",
    ...(key && { authorization: `Bearer ${key}` }),
  };
  const get = async (to: URL, signal: AbortSignal, init: RequestInit = {}): Promise<Response> => {
    const response = await fetch(to, { ...init, signal }).catch((cause: unknown) => {
      signal.throwIfAborted();
      throw unreachable(cause, service);
    });
    return drawn(response, service);
  };
  return {
    about: {
      service: "openai",
      url: url.href,
      ...(model && { model }),
      ...(Object.keys(extra).length > 0 && { extra: JSON.stringify(extra) }),
    },
    sends,
    async draw(request, signal) {
      const { prompt, negative, seed, width, height, steps, guidance } = request;
      const free = {
        ...(negative && { negative_prompt: negative }),
        seed,
        steps,
        step: steps, // LocalAI's name
        num_inference_steps: steps, // vLLM-Omni's and SGLang's
        guidance_scale: guidance,
      };
      const body = {
        ...(model && { model }),
        prompt,
        n: 1,
        size: `${width}x${height}`,
        ...format,
        ...(isStrict ? {} : free),
        ...filledFields(extra, request),
      };
      const response = await get(url, signal, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
      });
      const answer = Answer.safeParse(await response.json().catch(() => null));
      const [picture] = answer.data?.data ?? [];
      const { revised_prompt: revised } = picture ?? {};
      const about = revised ? { revisedPrompt: revised } : {};
      if (picture?.b64_json) return { bytes: Buffer.from(picture.b64_json, "base64"), ...about };
      if (picture?.url) {
        // without the key: the picture may lie with somebody else
        const file = await get(new URL(picture.url, url), signal);
        return { bytes: new Uint8Array(await file.arrayBuffer()), ...about } satisfies Drawing;
      }
      throw new DrawError(`${service.name} answered without a picture`, "retry");
    },
  };
}
