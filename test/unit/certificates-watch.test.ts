import { copyFileSync, mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TimelineEvent } from '../../src/protocol/control/messages.ts';
import { days } from '../../src/protocol/units.ts';
import { CertificatesWatch } from '../../src/supervisor/care/certificates-watch.ts';

test('that a certificate is refused, about to expire or expired is said once, and that it is well again', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'forge-'));
  const files = { cert: join(folder.path, 'blog.pem'), key: join(folder.path, 'blog.key') };
  const install = (name: string): void => {
    for (const end of ['pem', 'key']) {
      const fixture = join(import.meta.dirname, `../fixtures/tls/${name}.${end}`);
      copyFileSync(fixture, join(folder.path, `blog.${end}`));
    }
  };
  const events: TimelineEvent[] = [];
  using watch = new CertificatesWatch({
    certificates: () => [files],
    onEvent: (event) => events.push(event),
  });
  const now = Date.now();
  const end = Date.parse('2126-11-01T14:22:32Z');
  const look = async (at: number): Promise<readonly unknown[]> => {
    await watch.look(at);
    await watch.look(at);
    return events.splice(0).map(({ severity, text }) => [severity, text.replace(files.cert, 'it')]);
  };
  const until = 'Nov  1 14:22:32 2126 GMT';

  install('blog-renewed');
  expect(await look(now)).toEqual([]);
  install('blog-expired');
  const stays = `; the one before it stays, until ${until}`;
  const expired = 'it has expired: Jan  1 00:00:00 2021 GMT';
  expect(await look(now)).toEqual([['warning', expired + stays]]);
  writeFileSync(files.cert, 'half a certif');
  expect(await look(now)).toEqual([
    ['warning', expect.stringMatching(/^it cannot be used: .+stays/)],
  ]);
  install('blog-renewed');
  expect(await look(now)).toEqual([['ok', `it is valid until ${until}`]]);
  expect(await look(end - days(13))).toEqual([['warning', `it expires soon: ${until}`]]);
  expect(await look(end - days(12))).toEqual([]);
  expect(await look(end + 1)).toEqual([['critical', `it has expired: ${until}`]]);
});
