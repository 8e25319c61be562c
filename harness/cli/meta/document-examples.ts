import * as firedrill from '../../index.ts';
import { DOCUMENTS, fencesOf, textOf } from '../../testing/documents.ts';

/** An example of a document, as the file that a user of the package would make of it. */
interface DocumentExample {
  readonly file: string;
  readonly text: string;
}

/** All TypeScript of the documents, but what is for the project's own tests, which import more than the package has. */
export function documentExamples(): readonly DocumentExample[] {
  const fences = DOCUMENTS.toSorted().flatMap((document) =>
    fencesOf(textOf(document), 'ts').map((text, index) => ({ document, index, text })),
  );
  const objective =
    fences.map(({ text }) => /^const available = [^]*?;$/m.exec(text)?.[0]).find(Boolean) ?? '';
  return fences
    .filter(({ text }) => !text.includes('startServer('))
    .map(({ document, index, text }) => ({
      file: `examples/${document.replaceAll(/\W/g, '-')}-${index}.ts`,
      text: whole(text.replace('../../harness/index.ts', 'firedrill'), objective),
    }));
}

/** A fragment leaves out what its reader has seen before: the imports, and the objective. */
function whole(text: string, objective: string): string {
  if (text.includes('import ')) return text;
  const body =
    text.includes('(available)') && !text.includes('const available') ? `${objective}\n${text}` : text;
  const used = Object.keys(firedrill).filter((name) => new RegExp(`(?<![\\w.'])${name}\\b`).test(body));
  return `import { ${used.join(', ')} } from 'firedrill';\n${body}`;
}
