import assert from 'node:assert/strict';
import { it } from 'node:test';
import { providersOf } from '../../provider.ts';
import { embeddedRequirements } from './requirements.ts';

it('remedies name no provider that does not exist', () => {
  const known = providersOf({}).map((provider) => provider.name);
  for (const { name, remedy = '' } of embeddedRequirements())
    for (const [, provider = ''] of remedy.matchAll(/--provider (\S+)/g))
      assert.ok(known.includes(provider), `${name}: there is no provider ${provider}`);
});
