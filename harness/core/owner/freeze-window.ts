import { WEEKDAYS, type FreezeWindow, type WeeklyWindow } from './policy.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A window that lies in the way. */
interface Frozen {
  readonly window: FreezeWindow;
  readonly endsWallMs: number;
}

/** The first of the windows that an instant lies in. */
export function frozenAt(windows: readonly FreezeWindow[], wallMs: number): Frozen | undefined {
  for (const window of windows) {
    const endsWallMs = endOf(window, wallMs);
    if (endsWallMs !== undefined) return { window, endsWallMs };
  }
  return undefined;
}

/** The first window that begins before, or is open at, any moment from `fromWallMs` to `toWallMs`. */
export function frozenWithin(
  windows: readonly FreezeWindow[],
  fromWallMs: number,
  toWallMs: number,
): Frozen | undefined {
  // Weekly windows begin and end with a minute.
  const firstMinuteMs = Math.ceil(fromWallMs / MINUTE_MS) * MINUTE_MS;
  let found = frozenAt(windows, fromWallMs);
  for (let wallMs = firstMinuteMs; found === undefined && wallMs <= toWallMs; wallMs += MINUTE_MS)
    found = frozenAt(windows, wallMs);
  if (found !== undefined) return found;
  const span = windows.find(
    (window) => window.kind === 'span' && window.fromWallMs <= toWallMs && window.toWallMs > fromWallMs,
  );
  return span?.kind === 'span' ? { window: span, endsWallMs: span.toWallMs } : undefined;
}

/** When the window that is open at this instant ends; undefined: it is not open. */
function endOf(window: FreezeWindow, wallMs: number): number | undefined {
  if (window.kind === 'span')
    return window.fromWallMs <= wallMs && wallMs < window.toWallMs ? window.toWallMs : undefined;
  const { days, fromMinute, toMinute, timeZone } = window;
  const local = localTime(wallMs, timeZone);
  const isDay = (daysAgo: number): boolean =>
    days.includes(WEEKDAYS[(local.weekday - daysAgo + 7) % 7] ?? 'sun');
  if (fromMinute < toMinute) {
    const isOpen = isDay(0) && fromMinute <= local.minute && local.minute < toMinute;
    return isOpen ? instantOf(local.dayMs, toMinute, timeZone) : undefined;
  }
  if (isDay(0) && fromMinute <= local.minute) return instantOf(local.dayMs + DAY_MS, toMinute, timeZone);
  return isDay(1) && local.minute < toMinute ? instantOf(local.dayMs, toMinute, timeZone) : undefined;
}

interface LocalTime {
  /** 0 is Sunday. */
  readonly weekday: number;
  /** Minutes since midnight, with a fraction. */
  readonly minute: number;
  /** Midnight of that date, as if it were in UTC. */
  readonly dayMs: number;
}

function localTime(wallMs: number, timeZone: string): LocalTime {
  const asUtcMs = wallMs + offsetMs(wallMs, timeZone);
  const dayMs = Math.floor(asUtcMs / DAY_MS) * DAY_MS;
  return { weekday: new Date(dayMs).getUTCDay(), minute: (asUtcMs - dayMs) / MINUTE_MS, dayMs };
}

/** The instant at which clocks there show this minute of this date. */
function instantOf(dayMs: number, minute: number, timeZone: string): number {
  const asUtcMs = dayMs + minute * MINUTE_MS;
  const near = asUtcMs - offsetMs(asUtcMs, timeZone);
  // The clocks may have been changed between the two.
  return asUtcMs - offsetMs(near, timeZone);
}

/** How far clocks there are ahead of UTC. */
function offsetMs(wallMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(wallMs);
  const part = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((one) => one.type === type)?.value);
  const shownMs = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return shownMs - Math.floor(wallMs / 1_000) * 1_000;
}

/** A window for a sentence, in the words of its owner. */
export function describeWindow(window: FreezeWindow): string {
  if (window.kind === 'span') return `"${window.name}"`;
  return `"${window.name}" (${daysOf(window)} ${clockTime(window.fromMinute)} to ${clockTime(window.toMinute)} ${window.timeZone})`;
}

function daysOf({ days }: WeeklyWindow): string {
  return days.length === 7 ? 'daily' : days.join(', ');
}

function clockTime(minute: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** The end of a window, as its owner's clocks show it, and in UTC. */
export function describeEnd({ window, endsWallMs }: Frozen): string {
  const utc = new Date(endsWallMs).toISOString().replace(/:00\.000Z$/, 'Z');
  if (window.kind === 'span') return utc;
  const there = new Intl.DateTimeFormat('sv-SE', {
    timeZone: window.timeZone,
    dateStyle: 'short',
    timeStyle: 'short',
  }).format(endsWallMs);
  return `${there} ${window.timeZone} (${utc})`;
}
