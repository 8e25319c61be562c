import assert from 'node:assert/strict';
import { textWidth } from '../timeline/text-width.ts';
import { xmlElements, type XmlElement } from './xml.ts';

interface TextBox {
  readonly text: string;
  readonly fromX: number;
  readonly toX: number;
  readonly y: number;
}

/** Fails where two texts of a picture overlap, or one leaves it. */
export function assertNoTextsMeet(svg: string): void {
  const elements = xmlElements(svg);
  const width = Number(elements[0]?.attributes['width']);
  const boxes = elements.filter((element) => element.name === 'text').map(boxOf);
  assert.ok(boxes.length > 0, 'a picture without any text');
  for (const [index, one] of boxes.entries()) {
    assert.ok(
      one.fromX >= -0.5 && one.toX <= width + 0.5,
      `"${one.text}" leaves the picture: ${one.fromX} to ${one.toX}`,
    );
    for (const other of boxes.slice(index + 1)) {
      const meet = one.fromX < other.toX && other.fromX < one.toX && Math.abs(one.y - other.y) < 9;
      assert.ok(!meet, `"${one.text}" meets "${other.text}" at y ${one.y}`);
    }
  }
}

function boxOf({ attributes, text }: XmlElement): TextBox {
  const classes = attributes['class'] ?? '';
  const isHead = classes.includes('fd-head') || classes.includes('fd-word');
  const size = isHead ? 17 : classes.includes('fd-quiet') || classes.includes('fd-row-name') ? 11 : 12;
  const width = textWidth(text, size, isHead || classes.includes('fd-flag') || classes.includes('fd-title'));
  const x = Number(attributes['x']);
  const anchor = attributes['text-anchor'] ?? 'start';
  const fromX = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
  return { text, fromX, toX: fromX + width, y: Number(attributes['y']) };
}
