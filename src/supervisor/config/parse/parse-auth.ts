import { resolve } from 'node:path';
import type { AuthSettings } from '../../../protocol/http.ts';
import { hours, ms, seconds } from '../../../protocol/units.ts';
import type { Place } from './config-place.ts';
import type { Surroundings } from './parse-service.ts';

const keysFix = "Write an address, such as 'https://login.example/jwks.json', or a file.";
const claimFix = "Write the name of a claim, such as 'realm_access.roles'.";

export const parseAuth = (place: Place, around: Surroundings): AuthSettings | undefined => {
  place.keys(['keys', 'issuer', 'audience', 'leeway', 'claims']);
  if (place.isAbsent) return undefined;
  const claims = place.at('claims');
  claims.keys(['roles', 'scopes', 'tenant']);
  const needed = (key: string, fix: string): string => {
    const text = place.at(key).text(fix);
    if (text === undefined) throw place.at(key).invalid('is missing', fix);
    return text;
  };
  return {
    keys: parseKeys(place.at('keys'), needed('keys', keysFix), around),
    issuer: needed('issuer', "Write what tokens have in iss, such as 'https://login.example'."),
    audience: needed('audience', "Write what tokens have in aud, such as 'shop'."),
    leeway: place.at('leeway').duration(ms(0), hours(1)) ?? seconds(60),
    claims: {
      roles: claims.at('roles').text(claimFix) ?? 'roles',
      scopes: claims.at('scopes').text(claimFix) ?? 'scope',
      tenant: claims.at('tenant').text(claimFix) ?? 'tenant',
    },
  };
};

/** Whoever is between could put keys of his own in the place of others. */
const parseKeys = (place: Place, written: string, around: Surroundings): string => {
  const { protocol, hostname } = URL.parse(written) ?? {};
  if (protocol === undefined) {
    const file = resolve(around.directory, written);
    if (around.exists(file)) return file;
    throw place.invalid(`names ${written}, which does not exist`, 'Correct the path.');
  }
  const isNear = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
  if (protocol === 'https:' || (protocol === 'http:' && isNear)) return written;
  throw place.invalid(`is ${written}, which anybody could answer for`, keysFix);
};
