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
/**
 * The generator draws ids by lot, and takes files in the order in which its threads have read them; from a fixed sequence,
 * and with one thread, the same results get the same report.
 */
const SAME_LOTS = `data:text/javascript,
process.env.UV_THREADPOOL_SIZE = '1';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
let state = 1;
const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24;
const fill = (list) => { for (let at = 0; at < list.length; at++) list[at] = next(); return list; };
const hex = (length) => Array.from({ length }, () => (next() & 15).toString(16)).join('');
crypto.randomUUID = () => [hex(8), hex(4), '4' + hex(3), '8' + hex(3), hex(12)].join('-');
crypto.randomFillSync = fill;
for (const web of [crypto.webcrypto, globalThis.crypto]) {
  web.randomUUID = crypto.randomUUID;
  web.getRandomValues = fill;
}
syncBuiltinESMExports();`.replaceAll('\n', '');

interface AllureReport {
  /** Path of its first page. */
  readonly indexHtml: string;
  /** True: the page is one file and opens from disk; false: it needs a web server, `npx allure open`. */
  readonly isSingleFile: boolean;
}

/**
 * Generates the Allure 3 report of a run with the `allure` package that came with us, offline. Its page counts visits
 * with a foreign service by default; that part is taken out, and the same results give the same bytes.
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
    const words = [commandLine(), 'generate', results, '--config', config, '--output', fresh];
    await run(process.execPath, ['--import', SAME_LOTS, ...words], {
      timeout: LONGEST_MS,
      ...(signal ? { signal } : {}),
    });
    await settle(fresh);
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

/** What a page that is one file holds of others: in the order in which they happened to be read. */
const EMBEDDED = /(?<=Promise\.allSettled\(\[)d\("[\s\S]*"\)(?=\]\))/;
const EMBEDDED_FILE = /d\("[^"]*","[^"]*"\)/g;

/**
 * Without analytics, with the time of its last result for that of its making, and with its files in the order of their
 * names: both differ each time.
 */
async function settle(report: string): Promise<void> {
  const summary = await readFile(join(report, 'summary.json'), 'utf8');
  const lastMs = /"createdAt":(\d+)/.exec(summary)?.[1] ?? '0';
  const page = join(report, 'index.html');
  const text = (await readFile(page, 'utf8'))
    .replace(ANALYTICS, '')
    .replace(/"createdAt":\d+,"reportUuid"/, `"createdAt":${lastMs},"reportUuid"`)
    .replace(/"cacheKey":"\d+"/, `"cacheKey":"${lastMs}"`)
    .replace(EMBEDDED, (files) => (files.match(EMBEDDED_FILE) ?? []).toSorted().join(','));
  await replaceFile(page, text);
}
