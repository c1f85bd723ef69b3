/** @file Numbers are written the same everywhere. */
import { describe, expect, it } from "vitest";
import {
  bytes,
  count,
  decimal,
  duration,
  interval,
  limit,
  measured,
  signed,
  some,
  time,
} from "../../src/report/format.ts";

describe("format", () => {
  it.each([
    [decimal(0.8234), "0.823"],
    [decimal(-0.0001), "0.000"],
    [signed(0.0214), "+0.021"],
    [signed(-0.0214), "-0.021"],
    [signed(0.0001), "0.000"],
    [signed(-0.0001), "0.000"],
    [count(18648), "18,648"],
    [count(12.5), "12.5"],
    [limit(0.1), "0.10"],
    [limit(0.125), "0.125"],
    [limit(1), "1.00"],
    [limit(0.0001), "0.0001"],
    [interval([0.1, 0.25]), "[0.100, 0.250]"],
    [interval(null), ""],
    [
      measured({ value: null, reason: "no rows that are truly positive" }),
      "n/a (no rows that are truly positive)",
    ],
    [duration(41.34), "41.3 s"],
    [duration(59.96), "1 min"],
    [duration(521), "8 min 41 s"],
    [duration(7_500), "2 h 5 min"],
    [duration(90_061), "1 d 1 h"],
    [bytes(512 * 2 ** 20), "512 MiB"],
    [bytes(1.5 * 2 ** 30), "1.50 GiB"],
    [time("2026-11-22T19:31:45.123Z"), "2026-11-22 19:31 UTC"],
    [time("yesterday"), "yesterday"],
    [some(["a", "b"]), "a, b"],
    [some(["a", "b", "c", "d", "e", "f"]), "a, b, c, d and 2 more"],
  ])("%s", (written, expected) => {
    expect(written).toBe(expected);
  });
});
