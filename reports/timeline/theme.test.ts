import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DARK, LIGHT, type Palette } from './theme.ts';

const TEXT = ['ink', 'quiet', 'good', 'bad', 'doubt', 'fault', 'healer'] as const;

for (const [name, palette] of Object.entries({ light: LIGHT, dark: DARK })) {
  test(`${name}: every colour of text reaches 4.5 : 1 on both grounds`, () => {
    for (const ground of ['background', 'panel'] as const) {
      for (const colour of TEXT) {
        const ratio = contrast(palette[colour], palette[ground]);
        assert.ok(ratio >= 4.5, `${colour} on ${ground}: ${ratio.toFixed(2)}`);
      }
    }
  });

  test(`${name}: the name of a fault reaches 4.5 : 1 on its own bar`, () => {
    assert.ok(contrast(palette.fault, palette.faultSoft) >= 4.5);
  });
}

function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].toSorted((left, right) => right - left);
  return (light! + 0.05) / (dark! + 0.05);
}

function luminance(colour: Palette['ink']): number {
  const channel = (from: number): number => {
    const value = parseInt(colour.slice(from, from + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}
