import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mistakeIn } from './promql-mistake.ts';
import { VALID } from './testing/promql-rows.ts';

for (const [query, position, message] of [
  [
    String.raw`x{a=~"5\d"}`,
    7,
    /"\\d" is nothing in quotes: .* written twice there, or once between backquotes/,
  ],
  [String.raw`x{a='\q'}`, 5, /"\\q" is nothing in quotes/],
  [String.raw`label_replace(x, "a", "\1", "b", "c")`, 23, /"\\1" is nothing in quotes/],
  ['sum({})', 4, /it selects every series that there is/],
  ['{a="", b!="x", c=~".*", d!~".+"}', 0, /it selects every series/],
  ['sum({__name__=~".*"})', 4, /it selects every series/],
  ['x{a=~"("}', 5, /"\(" is no regular expression: unterminated group/],
  ['x{a!~"b)"}', 5, /"b\)" is no regular expression: unmatched '\)'/],
  ['x{a=~"*b"}', 5, /nothing to repeat/],
  ['x{a=~"[b"}', 5, /unterminated character class/],
  ['sum(rate(x{job="$job"}[30s]))', 15, /^\$job stands for nothing here/],
  ['x{job=~"${job:regex}|b"}', 7, /^\$\{job:regex\} stands for nothing/],
  ['x{job="{{ .job }}"}', 6, /^\{\{ \.job \}\} stands for nothing/],
] as const)
  test(`refused, as Prometheus would or could find nothing: ${query}`, () => {
    const problem = mistakeIn(query);
    assert.ok(problem);
    assert.equal(problem.position, position);
    assert.match(problem.message, message);
  });

test('what Prometheus takes is taken: escapes, backquotes, its own regular expressions, and what is told apart by one label', () => {
  for (const query of [
    ...VALID,
    String.raw`x{a=~"5\\d\"\x41\101"}`,
    'x{a=~`5\\d`}',
    '{a!=""}',
    '{a=~".+"}',
    '{"a.b"}',
    'x{}',
    'x{a=~"(?i)b|c$|d$"}',
    'x{a=~"(?P<n>b)"}',
    'label_replace(x, "a", "$1", "b", "(.*)")',
  ])
    assert.equal(mistakeIn(query), undefined, query);
});
