import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { CommandLine, ROOT } from './command-line.ts';

/** Nothing here needs a cluster: each mistake has to show before one is made. */
describe('bad input', { concurrency: 2 }, () => {
  const line = new CommandLine();
  after(() => line[Symbol.dispose]());

  async function refused(
    args: readonly string[],
    message: RegExp,
    environment?: NodeJS.ProcessEnv,
  ): Promise<void> {
    const { exitCode, output } = await line.test(args, environment);
    assert.equal(exitCode, 64, output);
    assert.match(output, message);
    assert.ok(!existsSync(join(line.directory, 'reports')), 'nothing half-made is left');
  }

  it('an unknown scenario names the nearest ones', () =>
    refused(['scenarios/verdcits'], /did you mean scenarios\/verdicts/));

  it('a title that matches nothing is no success', () =>
    refused(['-g', 'no such title'], /no scenario is chosen/));

  it('an unknown option names the nearest one', () => refused(['--contrl'], /did you mean --control/));

  it('another configuration is refused', () =>
    refused(['verdicts', '--config', 'x.ts'], /the configuration is ours/));

  it('an unknown provider names those that there are', () =>
    refused(['verdicts', '--provider', 'docker'], /--provider takes .*embedded/));

  it('a malformed configuration tells all of its problems, each with its key path', () =>
    refused(['verdicts'], /healer: expected 'firedrill', 'off'[^]*deadline: /, {
      FIREDRILL_USE_HEALER: 'maybe',
      FIREDRILL_USE_DEADLINE: 'soon',
    }));

  it('plain tests alone run without a cluster, and give no verdict', async () => {
    using plain = new CommandLine();
    writeFileSync(
      join(plain.directory, 'plain.spec.ts'),
      `import { test } from '${join(ROOT, 'harness', 'index.ts')}';\ntest('adds', () => {});\n`,
    );
    const { exitCode, output } = await plain.test([], {
      FIREDRILL_SCENARIOS: plain.directory,
      XDG_CACHE_HOME: join(plain.directory, 'cache'),
      FIREDRILL_TOOLCHAIN: 'cache',
    });
    assert.equal(exitCode, 2, output);
    assert.match(output, /no cluster is made[^]*adds: a plain test, without a trial or a verdict: passed/);
  });

  it('a cluster that is not up is named', () =>
    refused(['verdicts', '--cluster', 'nowhere'], /no cluster nowhere is up/));
});
