import { expect, test } from 'vitest';
import { startApp } from '../helpers/forge.ts';
import { statusWhen } from '../helpers/status.ts';
import { writeApp } from '../helpers/written-app.ts';

/** Sets the title, clears the screen, writes in red and from right to left. */
const steering = String.raw`\u001b]0;title\u0007\u001b[2J\u001b[31mbad\u202e\u009b2J words`;

const service = (body: string): string => `import { Service } from 'threadforge';
  export default class Hostile extends Service {
    static contract = { expose: ['ask'] };
    ${body}
  }`;

test('what a service says of its troubles steers no terminal, whatever command shows it [C8]', async () => {
  using files = writeApp({
    'failing.mjs': service(`onStart() { throw new Error('${steering}'); } ask() {}`),
    'refusing.mjs': service(`ask() { throw new Error('${steering}'); }`),
    'forge.config.mjs': `export default { services: {
      failing: { entry: './failing.mjs' }, refusing: { entry: './refusing.mjs' },
    }, http: { port: 0 } };`,
  });
  await using app = await startApp(files.directory);
  await statusWhen(app, ({ services }) => services.some(({ status }) => status === 'failed'));
  const shown: string[] = [];
  for (const words of [
    'status',
    'top',
    'doctor',
    'explain failing',
    'call refusing.ask',
    'reload failing',
    'actions',
    'events',
    'advise',
    'logs',
  ]) {
    const { stdout, stderr } = await app.forge(...words.split(' '));
    shown.push(`${words}: ${stdout}${stderr}`);
  }
  expect(shown.filter((text) => /[^\P{Cc}\n\t]|\p{Bidi_Control}/u.test(text))).toEqual([]);
  const telling = shown.filter((text) => text.includes('bad words'));
  expect(telling.map((text) => text.split(':')[0])).toEqual([
    'doctor',
    'call refusing.ask',
    'events',
    'logs',
  ]);
});
