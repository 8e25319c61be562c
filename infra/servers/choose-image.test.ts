import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FiredrillError } from '../../harness/core/errors.ts';
import { chooseImage, imageVariable, type ImageSource } from './choose-image.ts';
import { smtpSink } from './smtp-sink.ts';

const official = smtpSink.official.image;
const VARIABLE = 'FIREDRILL_SERVER_IMAGE_SMTP_SINK';

/** An engine that has some images and can pull some; it writes down what it was asked for. */
function source(
  has: readonly string[],
  pullable: readonly string[],
): ImageSource & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    has: (reference) => Promise.resolve(has.includes(reference)),
    pull: (reference) => {
      asked.push(`pull ${reference}`);
      return pullable.includes(reference)
        ? Promise.resolve()
        : Promise.reject(new FiredrillError('engine.not-pulled', 'no route to the registry'));
    },
    build: () => {
      asked.push('build');
      return Promise.resolve('firedrill.local/smtp-sink:1');
    },
  };
}

test('an image that the engine has is neither pulled nor built', async () => {
  const engine = source([official], []);
  const chosen = await chooseImage(smtpSink, {}, engine);
  assert.equal(chosen.reference, official);
  assert.equal(chosen.isStandIn, false);
  assert.deepEqual(engine.asked, []);
  assert.match(chosen.said, /^smtp-sink: .*which the engine has$/);
});

test('what can be pulled is not built', async () => {
  const engine = source([], [official]);
  assert.equal((await chooseImage(smtpSink, {}, engine)).said, `smtp-sink: ${official}, pulled`);
  assert.deepEqual(engine.asked, [`pull ${official}`]);
});

test('what cannot be pulled is built, and one line says why', async () => {
  const engine = source([], []);
  const chosen = await chooseImage(smtpSink, {}, engine);
  assert.equal(chosen.isStandIn, true);
  assert.equal(
    chosen.said,
    `smtp-sink: firedrill.local/smtp-sink:1, built here (${official} cannot be pulled: no route to the registry)`,
  );
});

test('the environment names another image, and nothing takes its place', async () => {
  assert.equal(imageVariable('smtp-sink'), VARIABLE);
  const other = { [VARIABLE]: 'mirror.example/mailpit:v1' };
  const chosen = await chooseImage(smtpSink, other, source([], ['mirror.example/mailpit:v1']));
  assert.equal(chosen.reference, 'mirror.example/mailpit:v1');
  assert.match(chosen.said, /named by FIREDRILL_SERVER_IMAGE_SMTP_SINK$/);
  const engine = source([official], [official]);
  await assert.rejects(chooseImage(smtpSink, other, engine), { code: 'servers.image-missing' });
  assert.deepEqual(engine.asked, ['pull mirror.example/mailpit:v1']);
});

test('the environment may ask for the one that is built', async () => {
  const engine = source([official], [official]);
  assert.equal((await chooseImage(smtpSink, { [VARIABLE]: 'build' }, engine)).isStandIn, true);
  assert.deepEqual(engine.asked, ['build']);
});

test('who interrupts a pull has not asked for the stand-in', async () => {
  const interrupted = { ...source([], []), pull: () => Promise.reject(new Error('interrupted')) };
  await assert.rejects(chooseImage(smtpSink, {}, interrupted), /interrupted/);
  assert.deepEqual(interrupted.asked, []);
});
