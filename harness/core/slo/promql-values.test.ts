import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOW } from './promql-numbers.ts';
import { readTree } from './promql-tree.ts';
import { valuesOf } from './promql-values.ts';

/**
 * A query, what it can be where none of its series is there, and where any may be: its numbers, whether it may be NaN
 * and whether it may be empty, and whether what is there is one series without labels (bare). `any` is every number.
 */
const ROWS = String.raw`
1 | 1 bare | 1 bare
NaN | none NaN bare | none NaN bare
"x" | nothing | nothing
x | nothing | any NaN maybe
-x | nothing | any NaN maybe
(x) | nothing | any NaN maybe
-vector(2) | -2 bare | -2 bare
abs(x) | nothing | 0..inf NaN maybe
sqrt(vector(-1)) | none NaN bare | none NaN bare
rate(x[5m]) | nothing | any NaN maybe
rate(vector(1)[5m:]) | 0 maybe bare | 0 maybe bare
sum_over_time(vector(1)[5m:]) | 1..inf bare | 1..inf bare
quantile_over_time(0.9, vector(1)[5m:]) | any bare | any bare
quantile_over_time(0.9, x[5m]) | nothing | any NaN maybe
max_over_time(vector(3)[5m:]) | 3 bare | 3 bare
hour() | 0..23 bare | 0..23 bare
hour(x) | nothing | 0..23 NaN maybe
hour(vector(0)) | 0..23 bare | 0..23 bare
absent(x) | 1 | 1 maybe
absent(vector(1)) | nothing | nothing
absent(sum(x)) | 1 bare | 1 maybe bare
absent(-x) | 1 | 1 maybe
absent_over_time(x[5m]) | 1 | 1 maybe
clamp(vector(7), 0, 1) | 1 bare | 1 bare
clamp_min(x, 1) | nothing | 1..inf NaN maybe
clamp_max(x, 1) | nothing | -inf..1 NaN maybe
label_join(vector(1), "a", "-") | 1 | 1
label_replace(vector(1), "a", "b", "", "") | 1 | 1
pi() | pi bare | pi bare
scalar(x) | none NaN bare | any NaN bare
scalar(vector(1)) | 1 NaN bare | 1 NaN bare
sort(x) | nothing | any NaN maybe
sort_desc(vector(1)) | 1 bare | 1 bare
time() | now bare | now bare
timestamp(x) | nothing | now NaN maybe
timestamp(vector(1)) | now bare | now bare
vector(1) | 1 bare | 1 bare
vector(scalar(x)) | none NaN bare | any NaN bare
histogram_quantile(0.9, x) | nothing | any NaN maybe
histogram_quantile(0.9, vector(1)) | nothing | nothing
histogram_quantile(0.9, label_replace(vector(1), "le", "1", "", "")) | any NaN maybe | any NaN maybe
histogram_quantile(0.9, sum(label_join(vector(1), "le", "-"))) | any NaN maybe | any NaN maybe
histogram_quantile(0.9, -label_join(vector(1), "le", "-")) | any NaN maybe | any NaN maybe
histogram_quantile(0.9, vector(1) or label_join(vector(1), "le", "-")) | any NaN maybe | any NaN maybe
histogram_quantile(0.9, label_join(vector(1), "le", "-") or vector(1)) | any NaN maybe | any NaN maybe
histogram_quantile(0.9, vector(1) or vector(2)) | nothing | nothing
histogram_quantile(0.9, x or y) | nothing | any NaN maybe
sum(vector(2)) | 2 bare | 2 bare
sum(x) | nothing | any NaN maybe bare
sum(x >= 0) | nothing | 0..inf maybe bare
sum by (a) (x) | nothing | any NaN maybe
sum by (a) (vector(2)) | 2 bare | 2 bare
sum by (a) (label_join(vector(1), "a", "-")) | 1..inf | 1..inf
sum(label_join(vector(1), "a", "-")) | 1..inf bare | 1..inf bare
count(vector(2)) | 1 bare | 1 bare
count(x) | nothing | 1..inf maybe bare
count by (a) (x) | nothing | 1..inf maybe
count_values("v", vector(2)) | 1 | 1
count_values("v", x) | nothing | 1..inf maybe
group(x) | nothing | 1 maybe bare
group(vector(2)) | 1 bare | 1 bare
stddev(vector(2)) | 0 NaN bare | 0 NaN bare
stdvar(vector(2)) | 0 NaN bare | 0 NaN bare
stddev(x) | nothing | 0..inf NaN maybe bare
avg(vector(2)) | 2 bare | 2 bare
max(x > 3) | nothing | 3..inf maybe bare
min(vector(2)) | 2 bare | 2 bare
quantile(0.9, vector(2)) | any NaN bare | any NaN bare
quantile(0.9, x) | nothing | any NaN maybe bare
topk(1, vector(2)) | 2 maybe bare | 2 maybe bare
bottomk(1, x) | nothing | any NaN maybe
vector(1) unless x | 1 bare | 1 maybe bare
vector(1) unless vector(2) | nothing | nothing
vector(1) unless on (a) vector(2) | nothing | nothing
vector(1) unless on () x | 1 bare | 1 maybe bare
x unless vector(1) | nothing | any NaN maybe
vector(1) and x | nothing | 1 maybe bare
vector(1) and vector(2) | 1 bare | 1 bare
vector(1) and on (a) label_join(vector(2), "a", "-") | 1 maybe bare | 1 maybe bare
x and vector(1) | nothing | any NaN maybe
vector(1) or x | 1 bare | 1 bare
x or vector(1) | 1 bare | any NaN
x or y | nothing | any NaN maybe
sum(x or vector(1)) | 1 bare | any NaN bare
sum(vector(1) or x) | 1 bare | any NaN bare
max(vector(1) or vector(2)) | 1 bare | 1 bare
max(vector(1) or label_join(vector(2), "a", "-")) | 1..2 bare | 1..2 bare
vector(1) != 1 | nothing | nothing
label_join(vector(1), "a", "-") > 2 | nothing | nothing
(vector(1) + 1) + label_join(vector(2), "a", "-") | 4 maybe | 4 maybe
-vector(1) + label_join(vector(2), "a", "-") | 1 maybe | 1 maybe
label_join(vector(2), "a", "-") + (1 + 1) | 4 | 4
label_join(vector(2), "a", "-") + -pi() * 0 | 2 | 2
(vector(1) + 1) > vector(0) | 2 bare | 2 bare
vector(0) < (1 + vector(1)) | 0 bare | 0 bare
vector(1) + vector(2) | 3 bare | 3 bare
x + 1 | nothing | any NaN maybe
x + vector(1) | nothing | any NaN maybe
x + on () vector(1) | nothing | any NaN maybe bare
x + on () group_left () vector(1) | nothing | any NaN maybe
vector(0) / 0 | none NaN bare | none NaN bare
1 / vector(0) | inf bare | inf bare
vector(1) > 2 | nothing | nothing
vector(2) > 1 | 2 bare | 2 bare
vector(3) > bool 2 | 1 bare | 1 bare
vector(2) > bool 3 | 0 bare | 0 bare
1 < vector(2) | 2 bare | 2 bare
1 == bool NaN | 0 bare | 0 bare
1 != bool NaN | 1 bare | 1 bare
1 > bool NaN | 0 bare | 0 bare
NaN != vector(1) | 1 bare | 1 bare
vector(1) != NaN | 1 bare | 1 bare
vector(NaN) > 1 | nothing | nothing
vector(NaN) != 1 | none NaN bare | none NaN bare
x != 1 | nothing | any NaN maybe
x == 1 | nothing | 1 maybe
x > 1 | nothing | 1..inf maybe
1 > x | nothing | -inf..1 maybe
x > bool 1 | nothing | 0..1 maybe
scalar(x) > bool 1 | 0 bare | 0..1 bare
scalar(x) + 1 | none NaN bare | any NaN bare
vector(2) * (x == 3) | nothing | 6 maybe
-(x or vector(1)) | -1 bare | any NaN
min_over_time((x or vector(1))[1m:]) | 1 bare | any NaN
x * on () vector(0) | nothing | 0 NaN maybe bare
vector(1) == x | nothing | 1 maybe bare
2 == vector(2) | 2 bare | 2 bare
vector(1) - scalar(vector(2)) | -1 NaN bare | -1 NaN bare
`;

function shown({ range, nan, mayBeEmpty, bare }: ReturnType<typeof valuesOf>): string {
  const ends = range && (range[0] === range[1] ? `${range[0]}` : range.join('..'));
  const words = [ends ?? 'none', nan && 'NaN', mayBeEmpty && 'maybe', bare && 'bare'];
  return words.filter((word) => word !== false).join(' ');
}

/** As the rows write them. */
const inShort = (values: string): string =>
  values
    .replace('none maybe bare', 'nothing')
    .replace('-Infinity..Infinity', 'any')
    .replace('Infinity', 'inf')
    .replace(NOW.join('..'), 'now')
    .replace(String(Math.PI), 'pi');

for (const row of ROWS.trim().split('\n')) {
  const [query = '', absent, there] = row.split(' | ');
  test(`what a query can be without its series, and with any: ${row}`, () => {
    const tree = readTree(query);
    assert.equal(inShort(shown(valuesOf(tree, () => true))), absent);
    assert.equal(inShort(shown(valuesOf(tree, () => false))), there);
  });
}
