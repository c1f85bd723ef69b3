/** @file A stand-in for the Hugging Face Hub on loopback: one repository, served from a folder in the Hub's URL layout. */
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** What the Hub sends for large files: a redirect to content named by its SHA-256. */
const isLarge = (name: string): boolean => /\.(safetensors|bin)$/.test(name);

export interface HubServer {
  readonly url: string;
  /** The commit that every branch points to. */
  readonly commit: string;
  /** `METHOD /path` of each request so far. */
  readonly requests: string[];
  /** Sends half of each large file, then drops the connection. */
  breakDownloads(broken: boolean): void;
  /** Changes one byte of every large file on its way. */
  corruptDownloads(corrupt: boolean): void;
  close(): Promise<void>;
}

/**
 * Serves the files of `folder` as repository `id` at revision `main` and at its commit; other ids answer 404 as the Hub does,
 * and with `token`, requests without it answer 401. Listens on a free port of 127.0.0.1.
 */
export async function serveHub(id: string, folder: string, token?: string): Promise<HubServer> {
  const files = new Map(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]),
  );
  const hash = (algorithm: string, ...parts: readonly (string | Buffer)[]): string => {
    const digest = createHash(algorithm);
    for (const part of parts) digest.update(part);
    return digest.digest("hex");
  };
  const commit = hash("sha1", id, ...[...files].flat());
  const sha256 = new Map([...files].map(([name, data]) => [name, hash("sha256", data)]));
  const blob = (data: Buffer): string => hash("sha1", `blob ${data.length}\0`, data);
  const etagOf = (name: string, data: Buffer): string =>
    isLarge(name) ? sha256.get(name)! : blob(data);
  const requests: string[] = [];
  let broken = false;
  let corrupt = false;

  const json = (response: ServerResponse, status: number, body: unknown, code?: string): void => {
    response.writeHead(status, {
      "content-type": "application/json",
      ...(code && { "x-error-code": code }),
    });
    response.end(JSON.stringify(body));
  };
  const missing = (response: ServerResponse, code: string): void =>
    json(response, 404, { error: `${code}: not here` }, code);

  function send(
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
    data: Buffer,
  ): void {
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
    const [from, to] = range ? [Number(range[1]), Number(range[2])] : [0, data.length - 1];
    let body = data.subarray(from, to + 1);
    if (corrupt && isLarge(name) && !range) {
      body = Buffer.from(body);
      body[body.length >> 1]! ^= 1;
    }
    response.writeHead(range ? 206 : 200, {
      "content-type": "application/octet-stream",
      "content-length": body.length,
      "accept-ranges": "bytes",
      etag: `"${etagOf(name, data)}"`,
      "x-repo-commit": commit,
      ...(range && { "content-range": `bytes ${from}-${to}/${data.length}` }),
    });
    if (request.method === "HEAD") response.end();
    else if (broken && isLarge(name) && !range)
      response.write(body.subarray(0, body.length >> 1), () => response.destroy());
    else response.end(body);
  }

  async function pathsInfo(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { paths }: { paths: string[] } = JSON.parse(Buffer.concat(chunks).toString());
    const known = paths.flatMap((path) => {
      const data = files.get(path);
      if (!data) return [];
      const lfs = { oid: sha256.get(path), size: data.length, pointerSize: 130 };
      return [
        { type: "file", path, oid: blob(data), size: data.length, ...(isLarge(path) && { lfs }) },
      ];
    });
    json(response, 200, known);
  }

  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url!, "http://hub").pathname);
    requests.push(`${request.method} ${path}`);
    if (token && request.headers.authorization !== `Bearer ${token}` && !path.startsWith("/cdn/"))
      return json(response, 401, { error: "Invalid credentials" }, "GatedRepo");

    const content = /^\/cdn\/([0-9a-f]{64})$/.exec(path);
    const stored = [...files].find(([name]) => sha256.get(name) === content?.[1]);
    if (stored) return send(request, response, ...stored);

    const api = `/api/models/${id}/`;
    const resolve = `/${id}/resolve/`;
    if (!path.startsWith(api) && !path.startsWith(resolve))
      return missing(response, "RepoNotFound");
    const [kind, revision, name = ""] = path.startsWith(api)
      ? path.slice(api.length).split("/")
      : ["resolve", ...path.slice(resolve.length).split("/")];
    if (revision !== "main" && revision !== commit) return missing(response, "RevisionNotFound");

    if (kind === "paths-info") return void pathsInfo(request, response);
    if (kind === "revision")
      return json(response, 200, {
        _id: "0",
        id,
        sha: commit,
        private: false,
        gated: false,
        likes: 0,
        downloads: 0,
        lastModified: "2024-01-01T00:00:00.000Z",
        siblings: [...files.keys()].map((rfilename) => ({ rfilename })),
      });
    const data = files.get(name);
    if (!data) return missing(response, "EntryNotFound");
    if (!isLarge(name)) return send(request, response, name, data);
    response.writeHead(302, {
      location: `/cdn/${sha256.get(name)}`,
      "x-linked-etag": `"${sha256.get(name)}"`,
      "x-linked-size": data.length,
      "x-repo-commit": commit,
    });
    response.end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    commit,
    requests,
    breakDownloads: (to) => void (broken = to),
    corruptDownloads: (to) => void (corrupt = to),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
