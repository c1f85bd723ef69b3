/** @file A stand-in for services that draw, on loopback: OpenAI's images API and Hugging Face's inference API, with their failures. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { noiseImage, toSharp } from "../data/images.ts";

/** A PNG of noise, the same for the same words. */
export const noisePng = (...words: readonly unknown[]): Promise<Buffer> =>
  toSharp(noiseImage(16, 16, words.join()))
    .png()
    .toBuffer();

/** How a request is answered: with a picture, half of one, an address of one, nothing ever, or these very bytes. */
export type Answer =
  | "picture"
  | "truncated"
  | "url"
  | "hang"
  | "drop"
  | { readonly bytes: Uint8Array }
  | { readonly json: unknown }
  | {
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    };

export interface Asked {
  readonly path: string;
  readonly key: string | undefined;
  /** `Date.now()` when it came. */
  readonly at: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ImageServer {
  readonly url: string;
  /** Requests for pictures so far. */
  readonly asked: Asked[];
  /** Most requests that were being answered at a time. */
  most(): number;
  close(): Promise<void>;
}

/**
 * Listens on a free port of 127.0.0.1. `POST .../images/generations` is answered as OpenAI does, other POSTs as Hugging
 * Face does; the picture depends on prompt and seed alone.
 * @param answer how the request (counted from 0) is answered, after `delay` milliseconds
 */
export async function serveImages(
  answer: (n: number, asked: Asked) => Answer = () => "picture",
  delay = 0,
): Promise<ImageServer> {
  const asked: Asked[] = [];
  const files = new Map<string, Buffer>();
  let now = 0;
  let most = 0;

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url!;
    const file = files.get(path);
    if (file) return void response.end(file);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString());
    const one = { path, key: request.headers.authorization, at: Date.now(), body };
    const how = answer(asked.push(one) - 1, one);
    await new Promise((ready) => setTimeout(ready, delay));
    if (how === "hang") return;
    if (how === "drop") return void response.destroy();
    if (typeof how === "object" && "status" in how) {
      const json = how.body?.startsWith("{") ? { "content-type": "application/json" } : {};
      response.writeHead(how.status, { ...json, ...how.headers });
      return void response.end(how.body ?? "");
    }
    const seed = body.seed ?? body.parameters?.seed;
    const whole = await noisePng(body.prompt ?? body.inputs, seed);
    let bytes: Uint8Array = how === "truncated" ? whole.subarray(0, whole.length >> 1) : whole;
    if (typeof how === "object" && "bytes" in how) bytes = how.bytes;
    if (!path.endsWith("/images/generations")) {
      response.writeHead(200, { "content-type": "image/png" });
      return void response.end(bytes);
    }
    const at = `/files/${files.size}`;
    if (how === "url") files.set(at, whole);
    const picture =
      how === "url" ? { url: at } : { b64_json: Buffer.from(bytes).toString("base64") };
    response.writeHead(200, { "content-type": "application/json" });
    const json =
      typeof how === "object" && "json" in how ? how.json : { created: 0, data: [picture] };
    response.end(JSON.stringify(json));
  }

  const server = createServer((request, response) => {
    most = Math.max(most, ++now);
    response.on("close", () => now--);
    void respond(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    most: () => most,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
