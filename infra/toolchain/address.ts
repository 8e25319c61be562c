import type { Bundle } from './component.ts';
import type { Settings } from './settings.ts';

/** Fills in the placeholders of an address or path. */
export function fillIn(template: string, bundle: Bundle, architecture: Settings['architecture']): string {
  return template.replaceAll('{version}', bundle.version).replaceAll('{arch}', architecture);
}

/** Where a release file is asked for: at its publisher's, or at the mirror of that host. */
export function addressOf(
  template: string,
  bundle: Bundle,
  { architecture, mirrors }: Pick<Settings, 'architecture' | 'mirrors'>,
): string {
  const { host, pathname, href } = new URL(fillIn(template, bundle, architecture));
  const mirror = mirrors.get(host);
  return mirror === undefined ? href : `${mirror}${pathname}`;
}
