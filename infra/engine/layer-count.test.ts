import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LayerCount } from './layer-count.ts';

test("Docker's layers are counted as they are there, wherever its output is cut", () => {
  const layers = new LayerCount();
  assert.equal(layers.said, '');
  layers.add('v1.36.3: Pulling from kindest/node\n0123456789ab: Pulling fs layer\n1123456789ab: Already ex');
  assert.equal(layers.said, '1 layer');
  layers.add('ists\n0123456789ab: Download complete\n2123456789ab: Waiting\n');
  assert.equal(layers.said, '1 of 3 layers');
  layers.add('0123456789ab: Pull complete\nDigest: sha256:00\n');
  assert.equal(layers.said, '2 of 3 layers');
});

test('Podman says only which layers it begins with', () => {
  const layers = new LayerCount();
  layers.add(
    'Trying to pull localhost:1/a:b...\nGetting image source signatures\n' +
      'Copying blob sha256:0123456789abcdef\nCopying blob sha256:1123456789abcdef\nCopying config sha256:22\n',
  );
  assert.equal(layers.said, '2 layers');
});
