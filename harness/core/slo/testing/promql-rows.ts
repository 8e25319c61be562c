/** Queries that Prometheus accepts without feature flags; a real one is asked about each of them, too. */
export const VALID: readonly string[] = `
1
-1 ^ 2
2.
1./6. + 1.e5
0x1F + 1_000 + .5 + 1h30m
Inf - NaN
1 + 2 / (3 * 1)
1 > bool 2 == bool 1
x
x{}
x{a="b",c!="d",e=~"f|g",h!~"i",}
{__name__="x"}
{"a.b", "c.d"="e"}
a:b:c
sum
rate
offset{a="b"}
rate(offset[5m])
-x
- - x
+sum(x)
rate(x[5m] offset 1h30m)
x offset -5m
max_over_time(x[5m:1m] @ start() offset 1d)
x @ 1609746000 offset 5m
x + y offset 5m
x * -y offset 5m / 2
rate(x[5])
rate((x[5m]))
rate(sum(x)[5m:])
min_over_time(rate(x[5m])[1h:1m] offset 1d)
max_over_time((x > bool 1)[5m:30s])
sum by (a, b) (rate(x[5m]))
sum by () (x)
sum without (a,) (x)
SUM(x) BY (a)
sum by (offset) (x)
count_values("v", x)
topk(pi(), x)
quantile by (a) (0.9, x)
group(x) + stddev(x) - stdvar(x)
x / on (a, b) group_left (c) y
x / on (a) group_right () y
x / ignoring (a) group_left y
x == bool on (a) y
x and on () y
x OR ignoring (a) y
x unless y or z
1 + on () 2
x > time()
time() - x
scalar(x) > bool 1
x atan2 y % 2
x </ 5 or x >/ 5
absent(sum(x))
absent_over_time(x[5m])
round(x)
round(x, 5)
hour()
hour(x)
days_in_month(vector(time()))
pi() * x
vector(1)
vector(scalar(x))
clamp(x, 0, 1) + clamp_min(x, 0) + clamp_max(x, 1)
label_join(x, "a", "-")
label_join(x, "a", "-", "b", "c")
label_replace(x, "a", "$1", "b", "(.*)")
histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m])))
histogram_quantile(0.9, rate(x[5m]))
histogram_fraction(0, 0.2, rate(x[5m]))
histogram_avg(x) + histogram_count(x) + histogram_sum(x) + histogram_stddev(x) + histogram_stdvar(x)
quantile_over_time(0.9, x[5m])
predict_linear(x[5m], 3600)
last_over_time(x[5m]) + present_over_time(x[5m])
sort_desc(timestamp(x))
sum(x) # a comment, [9h]
`
  .trim()
  .split('\n');

/** Queries that Prometheus refuses without feature flags although their syntax is right: the place, and what is said there. */
export const REFUSED: readonly (readonly [query: string, position: number, message: RegExp])[] = [
  ['rate(x)', 5, /rate\(\) takes a range vector here, and gets an instant vector: write x\[5m\] for example/],
  ['rate(sum(x))', 5, /takes a range vector here, .*: a subquery makes one, \[5m:\]/],
  ['rate(sum(x)[5m])', 11, /a range belongs to a selector; a subquery takes any: \[5m:\]/],
  ['sum(x[5m])', 4, /sum\(\) takes an instant vector here, and gets a range vector: rate\(\), increase\(\)/],
  ['sum(1)', 4, /gets a scalar: vector\(\) makes one/],
  ['sum("x")', 4, /gets a string$/],
  ['count_values(x[5m], x)', 13, /takes a string here, and gets a range vector$/],
  ['vector(x[5m])', 7, /takes a scalar here, and gets a range vector$/],
  ['sum(x, y)', 7, /sum\(\) takes an instant vector, and gets 2 arguments/],
  ['sum()', 4, /gets 0 arguments/],
  ['topk(x)', 6, /topk\(\) takes a scalar and an instant vector, and gets 1/],
  ['topk(x, y)', 5, /takes a scalar here, and gets an instant vector: scalar\(\) makes one/],
  ['count_values(5, x)', 13, /takes a string here/],
  ['abs(1)', 4, /takes an instant vector here, and gets a scalar/],
  ['abs()', 4, /abs\(\) takes 1 argument, and gets 0/],
  ['abs(x, y)', 7, /abs\(\) takes 1 argument, and gets 2/],
  ['round(x, 5, 6)', 12, /takes 1 to 2 arguments, and gets 3/],
  ['clamp(x, 1)', 10, /takes 3 arguments, and gets 2/],
  ['label_join(x, "a")', 17, /takes 3 or more arguments, and gets 2/],
  ['label_join(x, "a", "b", 1)', 24, /takes a string here, and gets a scalar/],
  ['time(x)', 5, /takes 0 arguments, and gets 1/],
  ['vector(x)', 7, /takes a scalar here/],
  ['scalar(1)', 7, /takes an instant vector here/],
  ['absent(x[5m])', 7, /gets a range vector/],
  ['absent_over_time(x)', 17, /takes a range vector here/],
  ['histogram_quantile(x, 0.9)', 19, /takes a scalar here/],
  ['quantile_over_time(x[5m], 0.9)', 19, /takes a scalar here/],
  ['1 == 1', 2, /a comparison of two scalars needs "bool": == bool/],
  ['time() > 1', 7, /needs "bool": > bool/],
  ['x + bool 1', 2, /"bool" belongs to a comparison, and "\+" is none/],
  ['x and bool y', 2, /"bool" belongs to a comparison/],
  ['1 or x', 2, /"or" takes two instant vectors, and gets a scalar: vector\(\) makes one/],
  ['x AND 1', 2, /"and" takes two instant vectors/],
  ['x and on (a) group_left () y', 2, /"and" takes no group_left or group_right/],
  ['x + on (a) group_left (a) y', 2, /the label "a" stands in "on" and in its group clause/],
  ['x + on (a) 1', 2, /"on" matches instant vectors, and gets a scalar/],
  ['x[5m]', 0, /an objective is a number at every instant, and this is a range vector/],
  ['"x"', 0, /and this is a string/],
  ['x[5m] + 1', 0, /"\+" takes instant vectors and scalars, and gets a range vector/],
  ['x + y[5m]', 4, /gets a range vector/],
  ['1 + "a"', 4, /gets a string/],
  ['-x[5m]', 0, /a sign before a range vector/],
  ['-"x"', 0, /a sign before a string/],
  ['(x)[5m]', 3, /a range belongs to a selector/],
  ['x offset 5m [5m]', 11, /a range belongs to a selector/],
  ['x[5m][5m:]', 5, /a subquery belongs to an instant vector, and this is a range vector/],
  ['1[5m:]', 1, /a subquery belongs to an instant vector, and this is a scalar/],
  ['x[0s]', 1, /a range of 0s holds no time/],
  ['x[-5m]', 1, /a range of -5m holds no time/],
  ['sum(x) offset 5m', 6, /"offset" belongs to a selector or a subquery/],
  ['x offset 1m offset 2m', 11, /"offset" is given twice/],
  ['rate(x[5m]) @ 1234', 11, /"@" belongs to a selector or a subquery/],
  ['rate(x[1m + 30s])', 6, /a duration is a literal here: arithmetic needs a feature flag/],
  ['x offset (1m + 30s)', 9, /a duration is a literal here/],
  ['limitk(1, x)', 0, /limitk\(\) is experimental: Prometheus refuses it without a feature flag/],
  ['info(x)', 0, /info\(\) is experimental/],
  ['mad_over_time(x[5m])', 0, /mad_over_time\(\) is experimental/],
  ['x + fill (0) y', 2, /"fill" is experimental/],
  ['x[5m] anchored', 5, /"anchored" is experimental/],
];
