import { isRecord } from '../is-record.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** In the order of JavaScript's own numbers. */
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
type Weekday = (typeof WEEKDAYS)[number];

/** A time that the owner of a cluster names: to freeze it for drills, or to keep its healer from acting. */
export type CalendarWindow = WeeklyWindow | SpanWindow;

/** Every week again. With `toMinute` before `fromMinute` it ends on the next day. */
interface WeeklyWindow {
  readonly kind: 'weekly';
  readonly name: string;
  /** The days on which the window begins. */
  readonly days: readonly Weekday[];
  /** Minutes since midnight, by the clocks of `timeZone`. */
  readonly fromMinute: number;
  readonly toMinute: number;
  /** IANA name, e.g. `Europe/Berlin`. */
  readonly timeZone: string;
}

/** Once. */
interface SpanWindow {
  readonly kind: 'span';
  readonly name: string;
  readonly fromWallMs: number;
  readonly toWallMs: number;
}

/** A window that is open, and its end. */
interface OpenWindow {
  readonly window: CalendarWindow;
  readonly endsWallMs: number;
}

/** What is wrong with a window, and with which of its keys; an empty key is the whole. */
interface WindowProblem {
  readonly key: readonly PropertyKey[];
  readonly message: string;
}

const CLOCK_TIME = /^([01]\d|2[0-3]):([0-5]\d)$|^24:00$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Reads a window as its owner writes it, every week again as `{ name, days: [mon], from: "08:00", to: "18:00", timeZone }`
 * or once as `{ name, from, to }` with instants. All problems are told together.
 */
export function readWindow(
  written: unknown,
): { readonly window: CalendarWindow } | { readonly problems: readonly WindowProblem[] } {
  if (!isRecord(written)) return { problems: [{ key: [], message: 'an object is wanted' }] };
  const problems: WindowProblem[] = [];
  const need = (isSound: boolean, message: string, ...key: PropertyKey[]): void => {
    if (!isSound) problems.push({ key, message });
  };
  const isWeekly = 'days' in written;
  const known = ['name', 'from', 'to', ...(isWeekly ? ['days', 'timeZone'] : [])];
  for (const key of Object.keys(written))
    need(known.includes(key), `unknown; known are ${known.join(', ')}`, key);
  const { days, timeZone } = written;
  const [name, from, to] = [written['name'], written['from'], written['to']].map((value) =>
    typeof value === 'string' ? value : '',
  ) as [string, string, string];
  need(name !== '', 'a name is wanted: refusals say it', 'name');
  if (!isWeekly) {
    const [fromWallMs, toWallMs] = [instantOf(from), instantOf(to)];
    const wanted =
      'an instant with its offset is wanted, on a day that there is, e.g. 2026-12-20T00:00+01:00';
    need(!Number.isNaN(fromWallMs), wanted, 'from');
    need(!Number.isNaN(toWallMs), wanted, 'to');
    need(!(fromWallMs >= toWallMs), 'it ends before it begins', 'to');
    return problems.length > 0 ? { problems } : { window: { kind: 'span', name, fromWallMs, toWallMs } };
  }
  const wanted = `one of ${WEEKDAYS.join(', ')} is wanted`;
  if (!Array.isArray(days) || days.length === 0) need(false, `a list is wanted: ${wanted}`, 'days');
  else
    days.forEach((day, index) =>
      need(
        WEEKDAYS.some((one) => one === day),
        wanted,
        'days',
        index,
      ),
    );
  need(CLOCK_TIME.test(from), 'a time such as "08:00" is wanted', 'from');
  need(CLOCK_TIME.test(to), 'a time such as "08:00" is wanted', 'to');
  need(from !== to || from === '', 'from and to are the same', 'to');
  if (typeof timeZone !== 'string') need(false, 'a time zone is wanted, e.g. Europe/Berlin', 'timeZone');
  else
    need(
      isTimeZone(timeZone),
      'there is no such time zone; an IANA name is wanted, e.g. Europe/Berlin',
      'timeZone',
    );
  if (problems.length > 0) return { problems };
  const times = { fromMinute: minuteOf(from), toMinute: minuteOf(to) };
  return {
    window: { kind: 'weekly', name, days: days as Weekday[], ...times, timeZone: timeZone as string },
  };
}

function minuteOf(clockTime: string): number {
  return Number(clockTime.slice(0, 2)) * 60 + Number(clockTime.slice(3));
}

/** NaN where it is none: `Date.parse` takes the 30th of February for the 2nd of March. */
function instantOf(text: string): number {
  const [date = ''] = text.split('T');
  const dateMs = Date.parse(date);
  if (!INSTANT.test(text) || Number.isNaN(dateMs)) return Number.NaN;
  return new Date(dateMs).toISOString().startsWith(date) ? Date.parse(text) : Number.NaN;
}

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    // A RangeError is how it is told that there is none.
    return false;
  }
}

/** The first of the windows that is open at an instant. */
export function openAt(windows: readonly CalendarWindow[], wallMs: number): OpenWindow | undefined {
  for (const window of windows) {
    const endsWallMs = endOf(window, wallMs);
    if (endsWallMs !== undefined) return { window, endsWallMs };
  }
  return undefined;
}

/** The first window that begins before, or is open at, any moment from `fromWallMs` to `toWallMs`. */
export function openWithin(
  windows: readonly CalendarWindow[],
  fromWallMs: number,
  toWallMs: number,
): OpenWindow | undefined {
  // Weekly windows begin and end with a minute.
  const firstMinuteMs = Math.ceil(fromWallMs / MINUTE_MS) * MINUTE_MS;
  let found = openAt(windows, fromWallMs);
  for (let wallMs = firstMinuteMs; found === undefined && wallMs <= toWallMs; wallMs += MINUTE_MS)
    found = openAt(windows, wallMs);
  if (found !== undefined) return found;
  const span = windows.find(
    (window) => window.kind === 'span' && window.fromWallMs <= toWallMs && window.toWallMs > fromWallMs,
  );
  return span?.kind === 'span' ? { window: span, endsWallMs: span.toWallMs } : undefined;
}

/** When the window that is open at this instant ends; undefined: it is not open. */
function endOf(window: CalendarWindow, wallMs: number): number | undefined {
  if (window.kind === 'span')
    return window.fromWallMs <= wallMs && wallMs < window.toWallMs ? window.toWallMs : undefined;
  const { days, fromMinute, toMinute, timeZone } = window;
  const local = localTime(wallMs, timeZone);
  const isDay = (daysAgo: number): boolean =>
    days.includes(WEEKDAYS[(local.weekday - daysAgo + 7) % 7] ?? 'sun');
  if (fromMinute < toMinute) {
    const isOpen = isDay(0) && fromMinute <= local.minute && local.minute < toMinute;
    return isOpen ? instantAt(local.dayMs, toMinute, timeZone) : undefined;
  }
  if (isDay(0) && fromMinute <= local.minute) return instantAt(local.dayMs + DAY_MS, toMinute, timeZone);
  return isDay(1) && local.minute < toMinute ? instantAt(local.dayMs, toMinute, timeZone) : undefined;
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
function instantAt(dayMs: number, minute: number, timeZone: string): number {
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
export function describeWindow(window: CalendarWindow): string {
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
export function describeEnd({ window, endsWallMs }: OpenWindow): string {
  const utc = new Date(endsWallMs).toISOString().replace(/:00\.000Z$/, 'Z');
  if (window.kind === 'span') return utc;
  const there = new Intl.DateTimeFormat('sv-SE', {
    timeZone: window.timeZone,
    dateStyle: 'short',
    timeStyle: 'short',
  }).format(endsWallMs);
  return `${there} ${window.timeZone} (${utc})`;
}
