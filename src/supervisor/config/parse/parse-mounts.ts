import { resolve } from 'node:path';
import type { Mount } from '../../../protocol/http.ts';
import type { Place } from './config-place.ts';
import type { Surroundings } from './parse-service.ts';

const mountsFix = "Write [{ path: '/', directory: './public' }].";
const pathPattern = /^\/(?:[\w.~-]+(?:\/[\w.~-]+)*)?$/;

export const parseMounts = (place: Place, around: Surroundings): readonly Mount[] => {
  const seen = new Set<string>();
  return place.isAbsent
    ? []
    : place.items(mountsFix).map((item) => {
        const mount = parseMount(item, around);
        const key = `${mount.host ?? ''} ${mount.path}`;
        if (seen.has(key)) throw item.at('path').invalid('is mounted twice', 'Remove one of them.');
        seen.add(key);
        return mount;
      });
};

const parseMount = (place: Place, around: Surroundings): Mount => {
  place.object(mountsFix);
  place.keys(['path', 'directory', 'host', 'fallback', 'immutable']);
  const path = place.at('path').text(mountsFix) ?? '/';
  if (!pathPattern.test(path)) {
    throw place.at('path').invalid(`is ${JSON.stringify(path)}`, "Write a path, such as '/docs'.");
  }
  const host = place.at('host').text("Write a host, such as 'shop.example'.");
  const directory = parseDirectory(place.at('directory'), around);
  const inside = (key: 'fallback' | 'immutable', fix: string): string | undefined => {
    const text = place.at(key).text(fix);
    if (text === undefined || !text.split('/').some((part) => part === '' || part === '..')) {
      return text;
    }
    throw place.at(key).invalid(`is ${JSON.stringify(text)}`, fix);
  };
  const fallback = inside('fallback', "Write a file of the folder, such as 'index.html'.");
  const immutable = inside('immutable', "Write a folder of the folder, such as 'assets'.");
  return {
    path,
    directory,
    ...(host === undefined ? {} : { host: host.toLowerCase().replace(/\.$/, '') }),
    ...(fallback === undefined ? {} : { fallback }),
    ...(immutable === undefined ? {} : { immutable }),
  };
};

const parseDirectory = (place: Place, around: Surroundings): string => {
  const written = place.text(mountsFix);
  if (written === undefined) throw place.invalid('is missing', mountsFix);
  const directory = resolve(around.directory, written);
  if (around.exists(directory)) return directory;
  throw place.invalid(`names ${written}, which does not exist`, 'Correct the path.');
};
