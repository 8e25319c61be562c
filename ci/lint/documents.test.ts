import assert from 'node:assert/strict';
import { existsSync, globSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { DOCUMENTS, isScenario, ROOT, textOf } from '../../harness/testing/documents.ts';

interface Link {
  /** The file of ours, relative to the root. */
  readonly file: string;
  /** The heading in it, as a browser names it. */
  readonly anchor?: string | undefined;
}

/** What a document, of this text, links to within the project. */
function linksOf(document: string, text = textOf(document)): readonly Link[] {
  const links = text.matchAll(/\](?:\(|: +)(?!https?:)(?=[^)\s])([^)#\s]*)(?:#([^)\s]*))?/g);
  return [...links].map(([, target = '', anchor]) => ({
    file: target === '' ? document : normalize(join(dirname(document), target)),
    anchor,
  }));
}

/** The names under which a browser finds the headings of a document: what GitHub makes of them. */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  const prose = text.replace(/^```[\s\S]*?^```/gm, '');
  for (const [, heading = ''] of prose.matchAll(/^#{1,6} +(.*?)[ #]*$/gm)) {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const name = words.replace(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-');
    let anchor = name;
    for (let again = 1; anchors.has(anchor); again += 1) anchor = `${name}-${again}`;
    anchors.add(anchor);
  }
  return anchors;
}

test('every link of a document leads to a file', () => {
  const broken = DOCUMENTS.flatMap((document) =>
    linksOf(document)
      .filter(({ file }) => !existsSync(join(ROOT, file)))
      .map(({ file }) => `${document} -> ${file}`),
  );
  assert.deepEqual(broken, []);
});

test('a heading is found by its words in small letters, without what is no letter, and the second of a name by a number', () => {
  const text =
    '# On `kind`, again?\n## See [the README](README.md)\n```\n# no heading\n```\n## a_b – c ##\n# A_b  c';
  assert.deepEqual([...anchorsOf(text)], ['on-kind-again', 'see-the-readme', 'a_b--c', 'a_b--c-1']);
  assert.deepEqual(linksOf('ci/A.md', '[a](#b) [c](../D.md#e)\n[f]: G.md\n[](https://h#i)'), [
    { file: 'ci/A.md', anchor: 'b' },
    { file: 'D.md', anchor: 'e' },
    { file: 'ci/G.md', anchor: undefined },
  ]);
});

test('every link to a heading leads to one that its document has', () => {
  const broken = DOCUMENTS.flatMap((document) =>
    linksOf(document)
      .filter(({ file, anchor }) => anchor !== undefined && !anchorsOf(textOf(file)).has(anchor))
      .map(({ file, anchor }) => `${document} -> ${file}#${anchor}`),
  );
  assert.deepEqual(broken, []);
});

test('every document is reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const document of reached)
    for (const { file } of linksOf(document)) if (file.endsWith('.md')) reached.add(file);
  assert.deepEqual(
    DOCUMENTS.filter((document) => !reached.has(document)),
    [],
  );
});

test('every file and folder that a document names is there', () => {
  const gone = DOCUMENTS.flatMap((document) =>
    [...textOf(document).matchAll(/`((?:ci|harness|healers|infra|reports|scenarios)\/[\w./-]+)`/g)]
      .map(([, path = '']) => path)
      // Words in capitals stand for a name that somebody will choose, and out/ is made by runs.
      .filter(
        (path) => !/[A-Z]{2}|^reports\/out/.test(path) && !existsSync(join(ROOT, path)) && !isScenario(path),
      )
      .map((path) => `${document}: ${path}`),
  );
  assert.deepEqual(gone, []);
});

test('ARCHITECTURE.md has a sentence for every folder of the second level', () => {
  const folders = globSync('{ci,harness,healers,infra,reports}/*/', { cwd: ROOT, exclude: ['reports/out'] });
  assert.ok(folders.length > 30, `only ${folders.length} folders were found`);
  const text = textOf('ARCHITECTURE.md');
  assert.deepEqual(
    folders.map((folder) => folder.replace(/\/$/, '')).filter((folder) => !text.includes(`\`${folder}\``)),
    [],
  );
});

test('the README stays short enough to be read', () => {
  assert.ok(textOf('README.md').trimEnd().split('\n').length <= 200);
});

test('every fence has commands, which are typed, or an example that a test reads: TypeScript, or the policy of an owner', () => {
  const fences = DOCUMENTS.flatMap((document) =>
    [...textOf(document).matchAll(/^```(.+)\n([^]*?)^```/gm)].map(([, language, text = '']) => ({
      language,
      text,
      document,
    })),
  );
  const policies = fences.filter(({ language }) => language === 'yaml');
  assert.deepEqual(
    policies.map(({ document, text }) => [document, text.startsWith('freeze:')]),
    [['infra/borrowed/README.md', true]],
  );
  assert.deepEqual(
    fences.filter(({ language }) => !['ts', 'yaml'].includes(language ?? '')),
    [],
  );
  // What the package does not have is no example for its compiler: this call is compiled where it stands.
  const [call = ''] = /startServer\([^)]*(?=\))/.exec(fences.map(({ text }) => text).join('')) ?? [];
  assert.ok(textOf('infra/servers/testing/hold-server.ts').includes(call), call);
});
