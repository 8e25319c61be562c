/** One set of colours. Text colours reach 4.5 : 1 on the background, shapes 3 : 1; a test computes both. */
export interface Palette {
  readonly background: string;
  readonly panel: string;
  readonly ink: string;
  readonly quiet: string;
  readonly rule: string;
  readonly good: string;
  readonly bad: string;
  readonly doubt: string;
  readonly fault: string;
  readonly healer: string;
  readonly goodSoft: string;
  readonly badSoft: string;
  readonly doubtSoft: string;
  readonly faultSoft: string;
}

export const LIGHT: Palette = {
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
  doubtSoft: '#f6e6c2',
  faultSoft: '#ead9f4',
};

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
  doubtSoft: '#43340f',
  faultSoft: '#3a2450',
};

function variables(palette: Palette): string {
  return Object.entries(palette)
    .map(
      ([name, colour]) =>
        `--fd-${name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}:${String(colour)}`,
    )
    .join(';');
}

/** The colours as CSS variables: dark where the reader asks for it, light on paper always. */
export const COLOUR_CSS = `:root{color-scheme:light dark;${variables(LIGHT)}}
@media (prefers-color-scheme:dark){:root{${variables(DARK)}}}
@media print{:root{color-scheme:light;${variables(LIGHT)}}}`;

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
.fd-tone-fault{stroke:var(--fd-fault);fill:var(--fd-fault)}
.fd-tone-healer{stroke:var(--fd-healer);fill:var(--fd-healer)}
.fd-tone-good{stroke:var(--fd-good);fill:var(--fd-good)}
.fd-tone-bad{stroke:var(--fd-bad);fill:var(--fd-bad)}
.fd-tone-doubt{stroke:var(--fd-doubt);fill:var(--fd-doubt)}
.fd-tone-quiet{stroke:var(--fd-quiet);fill:var(--fd-quiet)}
.fd-svg text.fd-tone-fault,.fd-svg text.fd-tone-healer,.fd-svg text.fd-tone-good,.fd-svg text.fd-tone-bad,.fd-svg text.fd-tone-doubt,.fd-svg text.fd-tone-quiet{stroke:none}
.fd-svg text.fd-tone-fault{fill:var(--fd-fault)}
.fd-svg text.fd-tone-healer{fill:var(--fd-healer)}
.fd-svg text.fd-tone-good{fill:var(--fd-good)}
.fd-svg text.fd-tone-bad{fill:var(--fd-bad)}
.fd-svg text.fd-tone-doubt{fill:var(--fd-doubt)}
.fd-svg text.fd-tone-quiet{fill:var(--fd-quiet)}
${['fault', 'healer', 'good', 'bad', 'doubt', 'quiet'].map((tone) => `.fd-line-${tone}{stroke:var(--fd-${tone})}`).join('\n')}
.fd-limit{stroke-dasharray:2 3}
.fd-halo{paint-order:stroke;stroke:var(--fd-background);stroke-width:3px;stroke-linejoin:round}
.fd-outline{stroke-width:1}
.fd-pale{fill-opacity:.35}
.fd-ready{fill:var(--fd-good);opacity:.62}
.fd-hatch-line{stroke-width:1.6}
.fd-fill-good{fill:var(--fd-good)}
.fd-fill-bad{fill:var(--fd-bad)}
.fd-fill-doubt{fill:var(--fd-doubt)}
.fd-fill-fault{fill:var(--fd-fault)}
.fd-fill-healer{fill:var(--fd-healer)}
.fd-fill-quiet{fill:var(--fd-quiet)}
.fd-fill-good-soft{fill:var(--fd-good-soft)}
.fd-fill-bad-soft{fill:var(--fd-bad-soft)}
.fd-fill-doubt-soft{fill:var(--fd-doubt-soft)}
.fd-fill-fault-soft{fill:var(--fd-fault-soft)}`;
