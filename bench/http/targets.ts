import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test/helpers/free-port.ts';
import { type Running, startProcess } from '../serving.ts';
import { startWatt } from '../watt/start.ts';

const root = join(import.meta.dirname, '../..');

export type Target = {
  readonly name: string;
  /** Whom it is measured against. */
  readonly beside: readonly string[];
  readonly start: () => Promise<Running>;
};

const script = (file: string): (() => Promise<Running>) => {
  return async () => {
    const [port, second, third] = [await freePort(), await freePort(), await freePort()];
    const env = {
      PORT: String(port),
      SECOND_PORT: String(second),
      THIRD_PORT: String(third),
      SOCKET: join(tmpdir(), `bench-http-${process.pid}-${port}.sock`),
    };
    const running = await startProcess(
      [join(import.meta.dirname, file)],
      env,
      `http://127.0.0.1:${port}/hello`,
    );
    return {
      url: running.url,
      stop: async () => {
        await running.stop();
        rmSync(env.SOCKET, { force: true });
      },
    };
  };
};

/** An app of Watt, whose services are threads of one process. */
const watt = (config: string, path: string) => (): Promise<Running> => startWatt(config, path);

const hello = `import { Service } from 'threadforge';
export default class extends Service {
  static contract = {
    expose: ['hello'],
    routes: [{ method: 'GET', path: '/hello', handler: 'hello' }],
  };
  hello() { return { hello: 'world' }; }
}`;

const asking = `import { Service } from 'threadforge';
export default class extends Service {
  static contract = { routes: [{ method: 'GET', path: '/hello', handler: 'hello' }] };
  hello() { return this.greeter.hello(); }
}`;

type Services = Readonly<Record<string, object>>;
type Layout = (port: number) => { readonly http?: object; readonly services: Services };

const forge = (layout: Layout) => async (): Promise<Running> => {
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'bench-http-'));
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(root, join(directory, 'node_modules/threadforge'));
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(directory, 'hello.mjs'), hello);
  writeFileSync(join(directory, 'asking.mjs'), asking);
  const config = { app: 'hello', ...layout(port) };
  writeFileSync(join(directory, 'forge.config.json'), JSON.stringify(config));
  const running = await startProcess(
    [join(root, 'dist/cli/main.js'), 'start', '--headless', '--app', directory],
    { FORGE_RUN_DIR: join(directory, 'run') },
    `http://127.0.0.1:${port}/hello`,
  );
  return {
    url: running.url,
    stop: async () => {
      await running.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

/** Behind the ingress. */
const behind: Layout = (port) => ({
  http: { port },
  services: { hello: { entry: './hello.mjs' } },
});

/** At a port of its own. */
const alone =
  (workers: number): Layout =>
  (port) => ({ services: { hello: { entry: './hello.mjs', port, workers } } });

/** At a port of its own, and asks another service, in another process or its own. */
const askingOf =
  (greeter: object): Layout =>
  (port) => ({
    services: {
      asking: { entry: './asking.mjs', group: 'asking', port, connects: ['greeter'] },
      greeter: { entry: './hello.mjs', ...greeter },
    },
  });

/** Who else answers from behind another process. */
const behindAnother = [
  'node:http',
  'bare gateway + socket',
  'NestJS gateway + TCP',
  'Moleculer-web + TCP',
  'Watt messaging',
  'Watt gateway',
];

export const targets: readonly Target[] = [
  { name: 'node:http', beside: [], start: script('bare-server.mjs') },
  { name: 'node:cluster, two', beside: [], start: script('cluster-server.mjs') },
  { name: 'bare gateway + socket', beside: [], start: script('bare-gateway.mjs') },
  { name: 'NestJS gateway + TCP', beside: [], start: script('nest-gateway.cjs') },
  { name: 'Moleculer-web + TCP', beside: [], start: script('moleculer-gateway.cjs') },
  {
    name: 'Moleculer-web, one process',
    beside: [],
    start: script('moleculer-local.cjs'),
  },
  { name: 'Watt messaging', beside: [], start: watt('watt.json', '/messaging') },
  { name: 'Watt gateway', beside: [], start: watt('watt.gateway.json', '/hello') },
  { name: 'ingress + worker', beside: behindAnother, start: forge(behind) },
  { name: 'edge + worker', beside: behindAnother, start: forge(askingOf({})) },
  {
    name: 'edge, one process',
    beside: ['Moleculer-web, one process'],
    start: forge(askingOf({ group: 'asking' })),
  },
  { name: 'edge worker', beside: ['node:http'], start: forge(alone(1)) },
  { name: 'two edge workers', beside: ['node:cluster, two'], start: forge(alone(2)) },
];
