import { isolateDirection } from '../../harness/core/plain-text.ts';

/** Text that is markup already; everything else is escaped when it is put into a template. */
export class Markup {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  toString(): string {
    return this.source;
  }
}

type MarkupPart = Markup | string | number | undefined | false | readonly MarkupPart[];

// XML 1.0 allows no other control character, and a journal quotes programs that write terminal codes.
const FORBIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Makes text safe inside elements and quoted attributes of HTML and XML alike. */
export function escapeText(text: string): string {
  return isolateDirection(text.replace(FORBIDDEN, '\ufffd')).replace(
    /[&<>"']/g,
    (found) => ENTITIES[found] ?? found,
  );
}

function render(part: MarkupPart): string {
  if (part instanceof Markup) return part.source;
  if (part === undefined || part === false) return '';
  if (typeof part === 'string') return escapeText(part);
  if (typeof part === 'number') return String(part);
  return part.map(render).join('');
}

/** A template that escapes whatever is put into it, unless that is markup already. */
export function markup(strings: TemplateStringsArray, ...parts: readonly MarkupPart[]): Markup {
  let source = strings[0] ?? '';
  for (const [index, part] of parts.entries()) source += render(part) + (strings[index + 1] ?? '');
  return new Markup(source);
}
