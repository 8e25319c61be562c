/** The name of a run by its start, in UTC: `YYYYMMDD-HHMMSS`. */
export function runIdAt(wallMs: number): string {
  const iso = new Date(wallMs).toISOString();
  return `${iso.slice(0, 10).replaceAll('-', '')}-${iso.slice(11, 19).replaceAll(':', '')}`;
}
