import type { CallsSettings } from '../../../protocol/http.ts';
import type { Place } from './config-place.ts';

const servicesFix = "Write the names of services, such as ['billing'].";

/** Whoever calls as another app does has to say who it is. */
export const parseCalls = (place: Place, hasAuth: boolean): CallsSettings | undefined => {
  place.keys(['services', 'roles', 'scopes']);
  if (place.isAbsent) return undefined;
  if (!hasAuth) throw place.invalid('needs http.auth', 'Say who signs the tokens of other apps.');
  const services = place.at('services').texts(servicesFix);
  if (services.length === 0) throw place.at('services').invalid('is empty', servicesFix);
  const namesOf = (key: 'roles' | 'scopes') =>
    place.at(key).texts(`Write a list of ${key}, such as ['shop'].`);
  const [roles, scopes] = [namesOf('roles'), namesOf('scopes')];
  return {
    services,
    ...(roles.length > 0 ? { roles } : {}),
    ...(scopes.length > 0 ? { scopes } : {}),
  };
};

/** A name that is misspelt would be found by the other app only. */
export const checkCalled = (place: Place, known: readonly string[]): void => {
  const unknown = place.texts(servicesFix).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw place.invalid(`names ${unknown}, which is no service`, `Known are ${known.join(', ')}.`);
};
