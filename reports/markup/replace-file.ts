import { rename, rm, writeFile } from 'node:fs/promises';

/** Readers see the old file or the new one, never half of it; on a full disk nothing half-made stays. */
export async function replaceFile(file: string, content: string): Promise<void> {
  const fresh = `${file}.${process.pid}.new`;
  try {
    await writeFile(fresh, content);
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}
