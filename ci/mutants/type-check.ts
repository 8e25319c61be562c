import { join } from 'node:path';
import ts from 'typescript';

/** Whether changed texts of these files still have sound types, each looked at by itself, in the project's own strictness. */
export class TypeCheck {
  readonly #files: readonly string[];
  readonly #options: ts.CompilerOptions;
  readonly #host: ts.CompilerHost;
  #changed = { file: '', text: '' };
  #program: ts.Program | undefined;

  /** @param files absolute paths */
  constructor(root: string, files: readonly string[]) {
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
      config: unknown;
    };
    const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, root);
    this.#options = options;
    this.#files = [...files, ...fileNames.filter((name) => name.endsWith('.d.ts'))];
    this.#host = ts.createCompilerHost(options, true);
    const known = new Map<string, ts.SourceFile | undefined>();
    const read = this.#host.getSourceFile.bind(this.#host);
    this.#host.getSourceFile = (name, version) => {
      if (name === this.#changed.file) return ts.createSourceFile(name, this.#changed.text, version, true);
      if (!known.has(name)) known.set(name, read(name, version));
      return known.get(name);
    };
  }

  accepts(file: string, text: string): boolean {
    this.#changed = { file, text };
    this.#program = ts.createProgram({
      rootNames: this.#files,
      options: this.#options,
      host: this.#host,
      ...(this.#program && { oldProgram: this.#program }),
    });
    const source = this.#program.getSourceFile(file);
    return (
      this.#program.getSyntacticDiagnostics(source).length === 0 &&
      this.#program.getSemanticDiagnostics(source).length === 0
    );
  }
}
