import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeText, markup } from './markup.ts';
import { xmlElements } from '../testing/xml.ts';

test('no text can become markup, in an element or in an attribute', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', '\u001b', '\0', 'a', ';', '\ud800') }),
  );
  fc.assert(
    fc.property(anything, (text) => {
      const elements = xmlElements(markup`<p title="${text}">${text}</p>`.source);
      assert.equal(elements.length, 1);
      assert.deepEqual(Object.keys(elements[0]!.attributes), ['title']);
      assert.ok(escapeText(text).isWellFormed());
    }),
  );
});

test('markup inside markup is not escaped again, and what is absent leaves nothing', () => {
  const inner = [1, 2].map((number) => markup`<b>${number}</b>`);
  assert.equal(markup`<p>${inner}${undefined}${false}</p>`.source, '<p><b>1</b><b>2</b></p>');
});

test('no text turns around the words beside it', () => {
  assert.equal(markup`<p>${'a\u202eb'} held</p>`.source, '<p>a\ufffdb held</p>');
  assert.equal(markup`<p title="${'צומת'}">`.source, '<p title="\u2068צומת\u2069">');
});

test('no text holds a code that a terminal would act on, when a page or a report is printed there', () => {
  assert.equal(markup`<p>${'a\u001b[2Jb\u009b31mc\u007f'}</p>`.source, '<p>a\ufffd[2Jb\ufffd31mc\ufffd</p>');
});
