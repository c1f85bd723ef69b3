/** @file Rows to keep in a cache: each tells its number. */
import { createHash } from "node:crypto";

export const ROW = 40;
export const ABOUT = { kind: "test rows", about: { of: "nothing", version: "1" } };
export const keyOf = (i: number): string => createHash("sha256").update(String(i)).digest("hex");
export const rowOf = (i: number): Uint8Array => Uint8Array.from({ length: ROW }, (_, at) => i + at);
