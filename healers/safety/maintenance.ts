import type { MaintenanceWindow } from '../policy/safety-policy.ts';

const MINUTES_PER_DAY = 1440;

/** The window that `wallMs` lies in, described; undefined outside of all. A weekly window may cross midnight. */
export function insideMaintenance(windows: readonly MaintenanceWindow[], wallMs: number): string | undefined {
  for (const window of windows) {
    if ('fromIso' in window) {
      if (wallMs >= Date.parse(window.fromIso) && wallMs < Date.parse(window.toIso)) {
        return `maintenance until ${window.toIso}`;
      }
      continue;
    }
    const now = new Date(wallMs);
    const minute = now.getUTCHours() * 60 + now.getUTCMinutes();
    const today = window.weekdays.includes(now.getUTCDay());
    const yesterday = window.weekdays.includes((now.getUTCDay() + 6) % 7);
    const length =
      (window.toMinute - window.fromMinute + MINUTES_PER_DAY) % MINUTES_PER_DAY || MINUTES_PER_DAY;
    const end = window.fromMinute + length;
    if (
      (today && minute >= window.fromMinute && minute < end) ||
      (yesterday && minute + MINUTES_PER_DAY < end)
    ) {
      return `weekly maintenance until minute ${window.toMinute} of the day (UTC)`;
    }
  }
  return undefined;
}
