import assert from 'node:assert/strict';

/** One start tag of a document with its attributes, unescaped. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The text right after the start tag. */
  readonly text: string;
}

const TAG = /<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g;

/** The elements of a document in order; fails where it is not well-formed XML as our templates write it. */
export function xmlElements(document: string): XmlElement[] {
  const source = document
    .replace(/^<\?xml[^>]*\?>\s*/, '')
    .replace(/<style>[\s\S]*?<\/style>/g, '<style></style>');
  const elements: XmlElement[] = [];
  const open: string[] = [];
  let end = 0;
  for (const match of source.matchAll(TAG)) {
    assertText(source.slice(end, match.index));
    end = match.index + match[0].length;
    const name = match[2] ?? '';
    if (match[1] === '/') {
      assert.equal(
        open.pop(),
        name,
        `</${name}> closes nothing of that name near ${source.slice(match.index - 60, end)}`,
      );
      continue;
    }
    const next = source.indexOf('<', end);
    elements.push({
      name,
      attributes: attributesOf(match[3] ?? ''),
      text: unescape(source.slice(end, next < 0 ? end : next)),
    });
    if (match[4] !== '/') open.push(name);
  }
  assertText(source.slice(end));
  assert.deepEqual(open, [], 'elements that were never closed');
  return elements;
}

function assertText(text: string): void {
  assert.ok(!/[<>]/.test(text), `a bare bracket in "${text.slice(0, 80)}"`);
  assert.ok(!/&(?!(?:amp|lt|gt|quot|#\d+);)/.test(text), `a bare ampersand in "${text.slice(0, 80)}"`);
}

function attributesOf(source: string): Record<string, string> {
  return Object.fromEntries(
    [...source.matchAll(/([\w:-]+)="([^"]*)"/g)].map((found) => [found[1] ?? '', unescape(found[2] ?? '')]),
  );
}

function unescape(text: string): string {
  return text
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&');
}
