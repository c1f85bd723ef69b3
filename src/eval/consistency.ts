/** @file Whether rates that somebody tells of one run can be of one run: what follows from what, without the predictions. */

/** Of one class against the rest. */
export interface ClassClaim {
  readonly recall?: number | undefined;
  readonly fpr?: number | undefined;
  /** Test rows of the class. */
  readonly rows?: number | undefined;
}

/** Numbers told of one classifier on one test set, as far as they are told. */
export interface Claims {
  /** Every class of the target. */
  readonly classes: Readonly<Record<string, ClassClaim>>;
  readonly accuracy?: number | undefined;
  readonly balancedAccuracy?: number | undefined;
  /** Between the classes, the largest less the smallest. */
  readonly tprGap?: number | undefined;
  readonly fprGap?: number | undefined;
}

/**
 * One line for each number that cannot be true beside the others; none where all fit, or too few are told.
 * @param tolerance what rounding may do to a number; default 0.0005, for numbers of three digits
 */
export function inconsistencies(claims: Claims, tolerance = 5e-4): string[] {
  const labels = Object.keys(claims.classes);
  const of = (name: keyof ClassClaim): readonly number[] | null => {
    const values = Object.values(claims.classes).flatMap((claim) => claim[name] ?? []);
    return values.length === labels.length && values.length > 0 ? values : null;
  };
  const [recalls, fprs, rows] = [of("recall"), of("fpr"), of("rows")];
  /** @param follows what the number must be by the others, null where they do not tell */
  const line = (
    what: string,
    told: number | undefined,
    follows: number | null,
    by: string,
  ): string[] =>
    told === undefined || follows === null || Math.abs(told - follows) <= tolerance
      ? []
      : [`${what} is told as ${digits(told)}, and is ${digits(follows)} by ${by}`];

  return [
    ...line(
      "balanced accuracy",
      claims.balancedAccuracy,
      recalls && mean(recalls),
      "the recalls of the classes: they are of another run or another test set",
    ),
    ...line(
      "accuracy",
      claims.accuracy,
      recalls && rows && weighted(recalls, rows),
      "the recalls of the classes and their rows: they are of another run or another test set",
    ),
    ...line(
      "the gap of TPR",
      claims.tprGap,
      recalls && width(recalls),
      "the recalls of the classes",
    ),
    ...line(
      "the gap of FPR",
      claims.fprGap,
      fprs && width(fprs),
      "the false positive rates of the classes",
    ),
    ...(labels.length === 2
      ? ofTwo(
          { ...claims, fprGap: claims.fprGap ?? (fprs ? width(fprs) : undefined) },
          labels,
          line,
        )
      : []),
  ];
}

/** Of two classes, what one gets wrong the other gets: FPR of one is 1 - TPR of the other. */
function ofTwo(
  { classes, tprGap, fprGap }: Claims,
  labels: readonly string[],
  line: (what: string, told: number | undefined, follows: number | null, by: string) => string[],
): string[] {
  return [
    ...labels.flatMap((label, i) => {
      const other = labels[1 - i]!;
      const recall = classes[other]!.recall;
      return line(
        `FPR of ${label}`,
        classes[label]!.fpr,
        recall === undefined ? null : 1 - recall,
        `the recall of ${other}, as of two classes one's false positives are the other's misses`,
      );
    }),
    ...line(
      "the gap of FPR",
      fprGap,
      tprGap ?? null,
      "the gap of TPR, which is the same number where the target has two classes",
    ),
  ];
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const width = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);
const weighted = (values: readonly number[], weights: readonly number[]): number =>
  sum(values.map((value, i) => value * weights[i]!)) / sum(weights);
const digits = (value: number): string => value.toFixed(4);
