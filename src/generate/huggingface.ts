/** @file Pictures by Hugging Face: its inference providers, and endpoints that speak its inference API. */
import { UsageError, messageOf } from "../run/errors.ts";
import { type Extra, filledFields } from "./fill.ts";
import { type Service, drawn, unreachable } from "./http.ts";
import { DrawError, type ImageSource } from "./source.ts";

type Inference = typeof import("@huggingface/inference");
type Arguments = Parameters<Inference["textToImage"]>[0];

export interface HuggingFaceOptions {
  /** Id of a model of the Hub; an endpoint has its own. */
  readonly model?: string | undefined;
  /** Address of an endpoint; by default Hugging Face finds a provider. */
  readonly url?: string | undefined;
  /** Who computes, such as hf-inference or fal-ai; by default the first that the account prefers. */
  readonly provider?: string | undefined;
  readonly key?: string | undefined;
  readonly keyVariable: string;
  /** Further parameters of each request. */
  readonly extra?: Extra;
}

async function loadLibrary(): Promise<Inference> {
  try {
    return await import("@huggingface/inference");
  } catch (cause) {
    throw new UsageError(
      `drawing by Hugging Face needs the package @huggingface/inference, which is not installed: npm install @huggingface/inference`,
      { cause },
    );
  }
}

/** Errors of the library itself that asking again would bring back: wrong arguments, no such model or provider. */
const LASTING: ReadonlySet<string> = new Set(["InputError", "RoutingError", "HubApiError"]);

/** The library knows the providers' dialects; status, pauses and aborts are handled here, as for every service. */
export async function huggingFaceSource({
  model,
  url,
  provider,
  key,
  keyVariable,
  extra = {},
}: HuggingFaceOptions): Promise<ImageSource> {
  const { textToImage } = await loadLibrary();
  const service: Service = {
    name: url ? new URL(url).host : `Hugging Face (${provider ?? "auto"})`,
    keyVariable,
  };
  return {
    about: {
      service: "huggingface",
      ...(url && { url }),
      ...(provider && { provider }),
      ...(model && { model }),
      ...(Object.keys(extra).length > 0 && { extra: JSON.stringify(extra) }),
    },
    sends: ["prompt", "negative", "seed", "width", "height", "steps", "guidance"],
    async draw(asked, signal) {
      const { prompt, negative, seed, width, height, steps, guidance } = asked;
      const checkedFetch: typeof fetch = async (to, init) => {
        const response = await fetch(to, { ...init, signal }).catch((cause: unknown) => {
          signal.throwIfAborted();
          throw unreachable(cause, service);
        });
        return drawn(response, service);
      };
      const request = {
        ...(key && { accessToken: key }),
        ...(model && { model }),
        ...(url && { endpointUrl: url }),
        ...(provider && { provider: provider as NonNullable<Arguments["provider"]> }),
        inputs: prompt,
        parameters: {
          ...(negative && { negative_prompt: negative }),
          seed,
          width,
          height,
          num_inference_steps: steps,
          guidance_scale: guidance,
          ...filledFields(extra, asked),
        },
      } satisfies Arguments;
      try {
        // it would ask again without end after a 503
        const options = { fetch: checkedFetch, signal, retry_on_error: false };
        const image = await textToImage(request, options);
        return { bytes: new Uint8Array(await image.arrayBuffer()) };
      } catch (cause) {
        signal.throwIfAborted();
        if (cause instanceof DrawError) throw cause;
        const [reason] = messageOf(cause).split("\n");
        const isLasting = cause instanceof Error && LASTING.has(cause.name);
        throw new DrawError(`${service.name}: ${reason}`, isLasting ? "user" : "retry", { cause });
      }
    },
  };
}
