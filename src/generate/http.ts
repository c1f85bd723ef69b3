/** @file What services answer over HTTP when they do not draw: status, message and pause, as a DrawError. */
import { messageOf } from "../run/errors.ts";
import { DrawError, type Remedy } from "./source.ts";

/** How a service is named in messages, and where its key comes from. */
export interface Service {
  readonly name: string;
  /** Environment variable of the key. */
  readonly keyVariable: string;
}

/** Status codes that go away by themselves: timeouts, conflicts, too many requests. All of 5xx do, too. */
const PASSING: ReadonlySet<number> = new Set([408, 409, 425, 429]);
/** Status codes that every picture would get: key, payment, permission, address. */
const LASTING: ReadonlySet<number> = new Set([401, 402, 403, 404, 405]);
/** OpenAI's codes for an account without credit: 429 and 400, which no waiting cures. */
const NO_CREDIT: ReadonlySet<string> = new Set([
  "insufficient_quota",
  "billing_hard_limit_reached",
]);

function remedyOf(status: number, code: string): Remedy {
  if (NO_CREDIT.has(code) || LASTING.has(status)) return "user";
  return PASSING.has(status) || status >= 500 ? "retry" : "none";
}

const ADVICE: Readonly<Record<number, (service: Service) => string>> = {
  401: ({ keyVariable }) => `set ${keyVariable} to a valid key`,
  402: () => "the account has no credit left",
  403: ({ keyVariable }) => `the key in ${keyVariable} may not do that`,
  404: () => "check url and model",
  405: () => "check url",
};

/** Lets an answer with a picture pass. @throws {DrawError} for any other status, with the service's own message */
export async function drawn(response: Response, service: Service): Promise<Response> {
  if (response.ok) return response;
  const { status, statusText, headers } = response;
  const { message, code } = read(await response.text());
  const said = message === "" ? statusText : message;
  const advice = ADVICE[status]?.(service);
  throw new DrawError(
    `${service.name} answered ${status}${said && `: ${said}`}${advice ? `; ${advice}` : ""}`,
    remedyOf(status, code),
    { waitMs: retryAfterMs(headers) },
  );
}

/** Milliseconds from now that a `Retry-After` header asks for, given in seconds or as a date; null without one. */
export function retryAfterMs(headers: Headers, now = Date.now()): number | null {
  const value = headers.get("retry-after");
  if (value === null) return null;
  const seconds = Number(value);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - now;
  return Number.isNaN(wait) ? null : Math.max(0, wait);
}

const LONGEST = 300;

/** The message in an error's body, whatever the service calls it, in one line. */
function read(body: string): { message: string; code: string } {
  const line = (text: string): string => text.replaceAll(/\s+/g, " ").trim().slice(0, LONGEST);
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { message: body.trimStart().startsWith("<") ? "" : line(body), code: "" }; // a proxy's page
  }
  const field = (value: unknown, key: string): unknown =>
    typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  const inner = field(json, "error") ?? field(json, "detail") ?? field(json, "message") ?? json;
  const message = field(inner, "message") ?? inner;
  return {
    message: line(typeof message === "string" ? message : JSON.stringify(message)),
    code: String(field(inner, "code") ?? ""),
  };
}

/** Why no answer came at all, from what `fetch` throws. */
export function unreachable(cause: unknown, service: Service): DrawError {
  // fetch says "fetch failed", and keeps the reason underneath; of several addresses tried, only a code
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const code = inner instanceof Error && "code" in inner ? String(inner.code) : "";
  const reason =
    code === "ECONNREFUSED" ? "refused the connection" : messageOf(inner) || code || "no answer";
  return new DrawError(`${service.name}: ${reason}; is the service running there?`, "retry", {
    cause,
  });
}
