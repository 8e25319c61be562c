import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerSpec, specHash, type ServerDefinition } from './definition.ts';
import { imageRegistry } from './image-registry.ts';
import { objectStore } from './object-store.ts';
import { smtpSink } from './smtp-sink.ts';

const definitions: readonly ServerDefinition[] = [smtpSink, objectStore, imageRegistry];

test('the image decides which program is told what', () => {
  const official = containerSpec(objectStore, { reference: 'official:1', isStandIn: false });
  assert.deepEqual(official.command, objectStore.official.command);
  assert.deepEqual(official.env, objectStore.official.env);
  const standIn = containerSpec(objectStore, { reference: 'built:1', isStandIn: true }, 'net');
  assert.deepEqual(standIn.command, objectStore.standIn.command);
  assert.deepEqual(standIn.env, {});
  assert.equal(standIn.network, 'net');
});

test('servers that may take each other’s place have one hash, and no others', () => {
  const image = { reference: 'official:1', isStandIn: false };
  const spec = containerSpec(imageRegistry, image);
  const turned = Object.fromEntries(Object.entries(spec.env).reverse());
  assert.equal(specHash({ ...spec, env: turned }), specHash(spec));
  const others = [
    containerSpec(imageRegistry, { ...image, reference: 'official:2' }),
    containerSpec(imageRegistry, image, 'net'),
    { ...spec, command: [...spec.command, '--debug'] },
    { ...spec, env: { ...spec.env, MORE: '1' } },
    { ...spec, scratch: [] },
    { ...spec, ports: [5001] },
  ];
  assert.equal(new Set([spec, ...others].map(specHash)).size, others.length + 1);
});

test('every definition names a pinned image with its host, and asks a port of its own whether it is ready', () => {
  assert.equal(new Set(definitions.map(({ name }) => name)).size, definitions.length);
  for (const { name, official, ports, ready } of definitions) {
    assert.match(name, /^[a-z]+(-[a-z]+)*$/);
    // Podman asks nobody in particular for a name without a host.
    assert.match(official.image, /^docker\.io\/[a-z-]+\/[a-z]+:v?\d+\.\d+\.\d+$/);
    assert.ok(ready.port in ports, name);
  }
});

test('the clients lead to the addresses', () => {
  const at = { host: 'engine.example', port: 40_000 };
  assert.equal(objectStore.client({ s3: at }).endpoint, 'http://engine.example:40000');
  assert.equal(imageRegistry.client({ registry: at }).address, 'localhost:40000');
  assert.deepEqual(smtpSink.client({ smtp: at, http: { ...at, port: 1 } }).smtp, at);
});
