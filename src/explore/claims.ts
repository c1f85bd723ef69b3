/** @file Claims about pictures that can be checked: are two of them more alike than others? */
import type { Embeddings } from "../run/linalg/embeddings.ts";
import { cosine } from "./cosines.ts";

type Pair = readonly [string, string];

export interface Claim {
  /** Names of two rows that are said to be more alike ... */
  readonly near: Pair;
  /** ... than each of these pairs. */
  readonly than: readonly Pair[];
}

export interface CheckedClaim extends Claim {
  /** Null where a row is missing or has no direction. */
  readonly holds: boolean | null;
  readonly cosine: number | null;
  /** The other pair that is most alike. */
  readonly closest: { readonly pair: Pair; readonly cosine: number } | null;
  readonly reason: string | null;
}

/** Cosines in all dimensions, not distances on a map. @param ids names of the rows */
export function checkClaims(
  { x, d }: Embeddings,
  ids: readonly string[],
  claims: readonly Claim[],
): CheckedClaim[] {
  const place = new Map(ids.map((id, row) => [id, row]));
  const between = ([a, b]: Pair): number | null => cosine(x, place.get(a)!, x, place.get(b)!, d);
  return claims.map((claim) => {
    const none = (reason: string): CheckedClaim => ({
      ...claim,
      holds: null,
      cosine: null,
      closest: null,
      reason,
    });
    const missing = [claim.near, ...claim.than].flat().find((id) => !place.has(id));
    if (missing !== undefined) return none(`there is no row ${missing}`);
    const near = between(claim.near);
    const others = claim.than.map((pair) => ({ pair, cosine: between(pair) }));
    if (near === null || others.some((other) => other.cosine === null))
      return none("a picture's embedding is all zeros");
    const [closest] = others
      .map(({ pair, cosine: of }) => ({ pair, cosine: of! }))
      .toSorted((a, b) => b.cosine - a.cosine);
    return {
      ...claim,
      holds: closest === undefined || near > closest.cosine,
      cosine: near,
      closest: closest ?? null,
      reason: null,
    };
  });
}
