import { Markup } from '../markup/markup.ts';
import { TONES } from './picture.ts';
import { LIGHT } from './theme.ts';

/**
 * The light colours as plain attributes, which any style sheet outranks: some previews of build artefacts block styles,
 * and some viewers of SVG know no CSS variables; without this they show everything black.
 */
const ATTRIBUTES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'fd-ground': { fill: LIGHT.background },
  'fd-panel': { fill: LIGHT.panel },
  'fd-grid': { stroke: LIGHT.rule },
  'fd-axis': { stroke: LIGHT.quiet },
  'fd-bound': { stroke: LIGHT.ink, 'stroke-dasharray': '5 3' },
  'fd-curve': { fill: 'none', stroke: LIGHT.good, 'stroke-width': '1.6' },
  'fd-lost': { fill: LIGHT.badSoft },
  'fd-failures': { fill: 'none', stroke: LIGHT.bad },
  'fd-error': { opacity: '0.16' },
  'fd-limit': { 'stroke-dasharray': '2 3' },
  'fd-ready': { fill: LIGHT.good, opacity: '0.62' },
  'fd-pale': { 'fill-opacity': '0.35' },
  'fd-quiet': { fill: LIGHT.quiet, 'font-size': '11' },
  'fd-row-name': { fill: LIGHT.quiet, 'font-size': '11' },
  'fd-title': { 'font-weight': '600' },
  'fd-flag': { 'font-weight': '600' },
  'fd-head': { 'font-size': '17', 'font-weight': '650' },
  'fd-word': { 'font-size': '17', 'font-weight': '750' },
  ...Object.fromEntries(TONES.map((tone) => [`fd-tone-${tone}`, { stroke: LIGHT[tone], fill: LIGHT[tone] }])),
  ...Object.fromEntries(TONES.map((tone) => [`fd-line-${tone}`, { stroke: LIGHT[tone] }])),
  ...Object.fromEntries(TONES.map((tone) => [`fd-fill-${tone}`, { fill: LIGHT[tone] }])),
  'fd-fill-fault-soft': { fill: LIGHT.faultSoft },
  'fd-fill-good-soft': { fill: LIGHT.goodSoft },
};

/** Adds the attributes to every element that has a class and does not set them itself. */
export function withFallbackColours(svg: Markup): Markup {
  const known = new Map<string, readonly (readonly [string, string])[]>();
  const attributesOf = (classes: string): readonly (readonly [string, string])[] => {
    const found =
      known.get(classes) ?? classes.split(' ').flatMap((one) => Object.entries(ATTRIBUTES[one] ?? {}));
    known.set(classes, found);
    return found;
  };
  return new Markup(
    svg.source.replace(
      ELEMENT,
      (whole, name: string, before: string, classes: string, after: string, end: string) => {
        const own = `${before}${after}`;
        const added = new Map(
          attributesOf(classes)
            .filter(([attribute]) => !own.includes(` ${attribute}="`))
            // Text outlined in its own colour is hard to read; its classes mean the fill.
            .filter(([attribute]) => !(name === 'text' && attribute === 'stroke')),
        );
        if (added.size === 0) return whole;
        const attributes = [...added].map(([attribute, value]) => ` ${attribute}="${value}"`).join('');
        return `<${name}${before} class="${classes}"${after}${attributes}${end}>`;
      },
    ),
  );
}

const ELEMENT = /<(\w+)([^<>]*) class="([^"]*)"([^<>]*?)(\/?)>/g;
