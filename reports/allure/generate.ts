import { execFile } from 'node:child_process';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { replaceFile } from '../markup/replace-file.ts';

const run = promisify(execFile);

/** Above this much, one file that holds all attachments would be slow to open. */
const SINGLE_FILE_BYTES = 24 * 1024 * 1024;
const LONGEST_MS = 120_000;

interface AllureReport {
  /** Path of its first page. */
  readonly indexHtml: string;
  /** True: the page is one file and opens from disk; false: it needs a web server, `npx allure open`. */
  readonly isSingleFile: boolean;
}

/**
 * Generates the Allure 3 report of a run with the `allure` package that came with us, offline. Its page counts visits
 * with a foreign service by default; that part is taken out.
 * Throws `report.allure-failed` with what the generator said.
 */
export async function generateAllureReport(
  runDirectory: string,
  name: string,
  signal?: AbortSignal,
): Promise<AllureReport> {
  const results = join(runDirectory, 'allure-results');
  const output = join(runDirectory, 'allure-report');
  const fresh = `${output}.new`;
  const isSingleFile = (await bytesIn(results)) <= SINGLE_FILE_BYTES;
  const config = join(runDirectory, 'allure-report.json');
  await writeFile(config, JSON.stringify(configuration(name, fresh, isSingleFile)));
  try {
    await rm(fresh, { recursive: true, force: true });
    await run(process.execPath, [commandLine(), 'generate', results, '--config', config, '--output', fresh], {
      timeout: LONGEST_MS,
      ...(signal ? { signal } : {}),
    });
    await withoutAnalytics(join(fresh, 'index.html'));
    await rm(output, { recursive: true, force: true });
    await rename(fresh, output);
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
    throw new FiredrillError(
      'report.allure-failed',
      `no Allure report of ${results}: ${said || messageOf(cause)}`,
      {
        hint: `the results are there: npx allure generate ${results}`,
        cause,
      },
    );
  } finally {
    await rm(config, { force: true });
    await rm(fresh, { recursive: true, force: true });
  }
  return { indexHtml: join(output, 'index.html'), isSingleFile };
}

function configuration(name: string, output: string, singleFile: boolean): unknown {
  return {
    name,
    output,
    categories: [
      { name: 'Violated', matchers: { statuses: ['failed'] } },
      { name: 'Inconclusive', matchers: { statuses: ['broken'] } },
    ],
    plugins: { awesome: { options: { reportName: name, singleFile, groupBy: ['suite'], theme: 'auto' } } },
  };
}

/** The package's main module is its command line. */
function commandLine(): string {
  return fileURLToPath(import.meta.resolve('allure'));
}

async function bytesIn(directory: string): Promise<number> {
  const sizes = (await readdir(directory)).map(async (name) => (await stat(join(directory, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

const ANALYTICS =
  /<script async src="https:\/\/www\.googletagmanager\.com\/[^"]*"><\/script>\s*<script>[\s\S]*?<\/script>/g;

async function withoutAnalytics(page: string): Promise<void> {
  await replaceFile(page, (await readFile(page, 'utf8')).replace(ANALYTICS, ''));
}
