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
  static contract = { routes: [{ method: 'GET', path: '/hello', handler: 'hello' }] };
  hello() { return { hello: 'world' }; }
}`;

/** A service behind the ingress, or `alone` at a port of its own. */
const forge =
  (alone: boolean, service: object = {}): (() => Promise<Running>) =>
  async () => {
    const port = await freePort();
    const directory = mkdtempSync(join(tmpdir(), 'bench-http-'));
    mkdirSync(join(directory, 'node_modules'));
    symlinkSync(root, join(directory, 'node_modules/threadforge'));
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(directory, 'hello.mjs'), hello);
    const config = {
      app: 'hello',
      ...(alone ? {} : { http: { port } }),
      services: { hello: { entry: './hello.mjs', ...service, ...(alone ? { port } : {}) } },
    };
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

export const targets: readonly Target[] = [
  { name: 'node:http', beside: [], start: script('bare-server.mjs') },
  { name: 'node:cluster, two', beside: ['node:http'], start: script('cluster-server.mjs') },
  { name: 'bare gateway + socket', beside: ['node:http'], start: script('bare-gateway.mjs') },
  { name: 'NestJS gateway + TCP', beside: ['node:http'], start: script('nest-gateway.cjs') },
  { name: 'Moleculer-web + TCP', beside: ['node:http'], start: script('moleculer-gateway.cjs') },
  { name: 'Watt messaging', beside: ['node:http'], start: watt('watt.json', '/messaging') },
  { name: 'Watt gateway', beside: ['node:http'], start: watt('watt.gateway.json', '/hello') },
  {
    name: 'ingress + worker',
    beside: [
      'node:http',
      'bare gateway + socket',
      'NestJS gateway + TCP',
      'Moleculer-web + TCP',
      'Watt messaging',
      'Watt gateway',
    ],
    start: forge(false),
  },
  { name: 'edge worker', beside: ['node:http'], start: forge(true) },
  { name: 'two edge workers', beside: ['node:cluster, two'], start: forge(true, { workers: 2 }) },
];
