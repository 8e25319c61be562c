import { rename, writeFile } from 'node:fs/promises';

/** Readers see the old file or the new one, never half of it. */
export async function replaceFile(file: string, content: string): Promise<void> {
  const fresh = `${file}.${process.pid}.new`;
  await writeFile(fresh, content);
  await rename(fresh, file);
}
