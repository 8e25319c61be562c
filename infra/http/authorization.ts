import { timingSafeEqual } from 'node:crypto';

const USER = 'agent';

/**
 * Whether an Authorization header carries a token: as a bearer, or as the password of an address (`tokenInAddress`). How long the
 * answer takes tells nothing of the token; an empty one is carried by nobody.
 */
export function carriesToken(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? '');
  const basic = Buffer.from(`${USER}:${token}`).toString('base64');
  return [`Bearer ${token}`, `Basic ${basic}`].some((text) => {
    const wanted = Buffer.from(text);
    return token !== '' && given.length === wanted.length && timingSafeEqual(given, wanted);
  });
}

/** An http address for programs that know a webhook by its address alone: whoever has it can post. */
export function tokenInAddress(address: string, token: string): string {
  const url = new URL(address);
  url.username = USER;
  url.password = token;
  return url.href;
}
