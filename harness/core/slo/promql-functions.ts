/** The four types of PromQL, as its documentation calls them. */
export type PromqlType = 'instant vector' | 'range vector' | 'scalar' | 'string';

/** What a function takes. */
interface Signature {
  readonly takes: readonly PromqlType[];
  /** How many of them have to be there; the last type stands for whatever follows where `most` is larger. */
  readonly least: number;
  readonly most: number;
  readonly returns: PromqlType;
}

/**
 * What the functions of Prometheus 3.11 take: `v` an instant vector, `r` a range vector, `s` a scalar, `t` a string; in
 * square brackets what may be left out, and `*` behind what may come any number of times. All return an instant
 * vector, where nothing else is said.
 */
const TABLE = `
v: abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor ln log10 log2 rad sgn sin sinh sqrt tan tanh
v: histogram_avg histogram_count histogram_sum histogram_stddev histogram_stdvar sort sort_desc timestamp
r: absent_over_time avg_over_time changes count_over_time delta deriv idelta increase irate last_over_time max_over_time
r: min_over_time present_over_time rate resets stddev_over_time stdvar_over_time sum_over_time
s r: quantile_over_time
r s: predict_linear
s v: histogram_quantile
s s v: histogram_fraction
v s: clamp_max clamp_min
v s s: clamp
v [s]: round
[v]: day_of_month day_of_week day_of_year days_in_month hour minute month year
v t t t t: label_replace
v t t t*: label_join
s: vector
v > s: scalar
> s: pi time
`;

const TYPES: Readonly<Record<string, PromqlType>> = {
  v: 'instant vector',
  r: 'range vector',
  s: 'scalar',
  t: 'string',
};

const SIGNATURES: ReadonlyMap<string, Signature> = new Map(
  TABLE.trim()
    .split('\n')
    .flatMap((line) => {
      const [shape = '', names = ''] = line.split(': ');
      const [takes = '', returns = 'v'] = shape.split('> ');
      const parts = takes.split(' ').filter((part) => part !== '');
      const signature: Signature = {
        takes: parts.map((part) => typeNamed(part.replace(/[[\]*]/g, ''))),
        least: parts.filter((part) => !/[\]*]/.test(part)).length,
        most: parts.some((part) => part.endsWith('*')) ? Number.POSITIVE_INFINITY : parts.length,
        returns: typeNamed(returns),
      };
      return names.split(' ').map((name) => [name, signature] as const);
    }),
);

function typeNamed(letter: string): PromqlType {
  return TYPES[letter] ?? 'instant vector';
}

/** Undefined for what Prometheus 3.11 knows with a feature flag only, or not at all. */
export function signatureOf(name: string): Signature | undefined {
  return SIGNATURES.get(name);
}

/** What an aggregation takes before its vector. */
export const AGGREGATION_PARAMETERS: ReadonlyMap<string, PromqlType> = new Map([
  ['topk', 'scalar'],
  ['bottomk', 'scalar'],
  ['quantile', 'scalar'],
  ['count_values', 'string'],
]);

/** Aggregations that ask for a feature flag. */
export const EXPERIMENTAL_AGGREGATIONS: ReadonlySet<string> = new Set(['limitk', 'limit_ratio']);
