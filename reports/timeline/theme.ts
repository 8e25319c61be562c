import { TONES, type Tone } from './picture.ts';

/** Text colours reach 4.5 : 1 on the background, shapes 3 : 1; a test computes both. */
export const LIGHT = {
  background: '#ffffff',
  panel: '#f5f6f8',
  ink: '#171a21',
  quiet: '#565d6b',
  rule: '#d9dde4',
  good: '#0a7557',
  bad: '#b8291b',
  doubt: '#855a00',
  fault: '#7a2fa8',
  healer: '#1459b8',
  goodSoft: '#d3ece3',
  badSoft: '#f8d9d4',
  faultSoft: '#ead9f4',
};

/** One set of colours. */
export type Palette = Readonly<Record<keyof typeof LIGHT, string>>;

export const DARK: Palette = {
  background: '#12151b',
  panel: '#1a1e26',
  ink: '#eceef2',
  quiet: '#a3abba',
  rule: '#333a46',
  good: '#45c79d',
  bad: '#ff8673',
  doubt: '#e9b949',
  fault: '#cc99f0',
  healer: '#7db4ff',
  goodSoft: '#173c31',
  badSoft: '#4e231d',
  faultSoft: '#3a2450',
};

function variables(palette: Palette): string {
  return Object.entries(palette)
    .map(
      ([name, colour]) =>
        `--fd-${name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}:${colour}`,
    )
    .join(';');
}

/** The colours as CSS variables: dark where the reader asks for it, light on paper always. */
export const COLOUR_CSS = `:root{color-scheme:light dark;${variables(LIGHT)}}
@media (prefers-color-scheme:dark){:root{${variables(DARK)}}}
@media print{:root{color-scheme:light;${variables(LIGHT)}}}`;

function toneCss(tone: Tone): string {
  const colour = `var(--fd-${tone})`;
  return `.fd-tone-${tone}{stroke:${colour};fill:${colour}}
.fd-svg text.fd-tone-${tone}{stroke:none;fill:${colour}}
.fd-line-${tone}{stroke:${colour}}
.fd-fill-${tone}{fill:${colour}}`;
}

/** How the shapes of a timeline look; needs `COLOUR_CSS` beside it. */
export const PICTURE_CSS = `.fd-svg{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.fd-svg text{fill:var(--fd-ink);font-size:12px}
.fd-svg .fd-title{font-weight:600}
.fd-svg .fd-quiet{fill:var(--fd-quiet);font-size:11px}
.fd-svg .fd-row-name{fill:var(--fd-quiet);font-size:11px}
.fd-svg .fd-head{font-size:17px;font-weight:650}
.fd-svg .fd-word{font-size:17px;font-weight:750}
.fd-svg .fd-flag{font-weight:600}
.fd-ground{fill:var(--fd-background)}
.fd-panel{fill:var(--fd-panel)}
.fd-grid{stroke:var(--fd-rule);stroke-width:1}
.fd-axis{stroke:var(--fd-quiet);stroke-width:1}
.fd-bound{stroke:var(--fd-ink);stroke-width:1;stroke-dasharray:5 3;opacity:.75}
.fd-curve{fill:none;stroke:var(--fd-good);stroke-width:1.6;stroke-linejoin:round}
.fd-lost{fill:var(--fd-bad-soft)}
.fd-failures{stroke:var(--fd-bad);stroke-width:1;fill:none}
.fd-pole{stroke-width:1.25}
.fd-error{opacity:.16}
.fd-whisker{stroke-width:1.5;fill:none}
${TONES.map(toneCss).join('\n')}
.fd-limit{stroke-dasharray:2 3}
.fd-halo{paint-order:stroke;stroke:var(--fd-background);stroke-width:3px;stroke-linejoin:round}
.fd-outline{stroke-width:1}
.fd-pale{fill-opacity:.35}
.fd-ready{fill:var(--fd-good);opacity:.62}
.fd-hatch-line{stroke-width:1.6}
.fd-fill-good-soft{fill:var(--fd-good-soft)}
.fd-fill-fault-soft{fill:var(--fd-fault-soft)}`;
