import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LayerCount } from './layer-count.ts';

test("Docker's layers are counted as they are there", () => {
  const layers = new LayerCount();
  assert.equal(layers.said, '');
  const read = (...lines: readonly string[]): void => lines.forEach((line) => layers.read(line));
  read('v1.36.3: Pulling from kindest/node', '0123456789ab: Pulling fs layer');
  assert.equal(layers.said, '1 layer');
  read('1123456789ab: Already exists', '0123456789ab: Download complete', '2123456789ab: Waiting');
  assert.equal(layers.said, '1 of 3 layers');
  read('0123456789ab: Pull complete', 'Digest: sha256:00');
  assert.equal(layers.said, '2 of 3 layers');
});

test('Podman says only which layers it begins with', () => {
  const layers = new LayerCount();
  for (const line of [
    'Trying to pull localhost:1/a:b...',
    'Copying blob sha256:0123456789abcdef',
    'Copying blob sha256:1123456789abcdef',
    'Copying config sha256:22',
  ])
    layers.read(line);
  assert.equal(layers.said, '2 layers');
});
