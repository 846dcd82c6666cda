import type { AccessLogSettings, HttpSettings } from '../../protocol/http.ts';
import { traceIdOf } from '../rpc/trace.ts';
import { type Exchange, isWhole } from './exchange.ts';
import { hostOf, Proxies } from './proxies.ts';

const writeEveryMs = 100;
/** More in that time are counted, not written. */
const mostAtOnce = 1_000;
const longestPath = 1_024;

type Parts = {
  readonly settings: AccessLogSettings;
  /** Whose lines they are in the logs of the app. */
  readonly service: string;
  readonly worker: string;
  readonly proxies: Proxies;
  readonly write?: (text: string) => void;
};

/**
 * One JSON line for each request that is chosen. Many are written at once, and more than there is
 * time for only counted: a rush of requests must not become a rush of writes.
 */
export class AccessLog implements Disposable {
  readonly #parts: Parts;
  readonly #write: (text: string) => void;
  #lines: string[] = [];
  #left = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #flush = (): void => this.#empty();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#write = parts.write ?? ((text) => void process.stdout.write(text));
    process.once('exit', this.#flush);
  }

  /** A client that has hung up by the end has no address any more. */
  began(exchange: Exchange): void {
    exchange.client = this.#parts.proxies.clientOf(exchange.request);
  }

  note(exchange: Exchange, tookMs: number): void {
    if (!this.#isChosen(exchange.response.statusCode, tookMs)) return;
    this.#timer ??= setTimeout(this.#flush, writeEveryMs).unref();
    if (this.#lines.length >= mostAtOnce) this.#left += 1;
    else this.#lines.push(this.#lineOf(exchange, tookMs));
  }

  [Symbol.dispose](): void {
    process.removeListener('exit', this.#flush);
    this.#empty();
  }

  #isChosen(status: number, tookMs: number): boolean {
    const { percent, failures, slowerThan = Number.POSITIVE_INFINITY } = this.#parts.settings;
    if (failures && status >= 500) return true;
    return tookMs > slowerThan || Math.random() * 100 < percent;
  }

  #lineOf(exchange: Exchange, tookMs: number): string {
    const { request, response, route, trace, client } = exchange;
    const { method = '', url = '' } = request;
    // What stands behind the path may be a secret.
    const [path = ''] = url.slice(0, longestPath).split('?');
    const { statusCode: status } = response;
    return this.#record(status >= 500 ? 'error' : 'info', `${method} ${path} ${status}`, {
      ...{ method, path, route, status, ms: Math.round(tookMs * 10) / 10 },
      bytes: exchange.bytes,
      client: client ?? this.#parts.proxies.clientOf(request),
      host: hostOf(request),
      trace: trace && traceIdOf(trace),
      isCut: isWhole(response) ? undefined : true,
    });
  }

  #record(level: string, msg: string, fields: object = {}): string {
    const { service, worker } = this.#parts;
    const time = new Date().toISOString();
    return `${JSON.stringify({ time, level, service, worker, msg, ...fields })}\n`;
  }

  #empty(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#lines;
    if (this.#left > 0)
      lines.push(this.#record('warn', `${this.#left} requests have no line here`));
    this.#lines = [];
    this.#left = 0;
    if (lines.length > 0) this.#write(lines.join(''));
  }
}

type Owner = Pick<Parts, 'service' | 'worker'>;

/** Undefined where nobody asked for one. */
export const accessLogOf = (
  { accessLog: settings, trustedProxies }: HttpSettings,
  owner: Owner,
): AccessLog | undefined =>
  settings === undefined
    ? undefined
    : new AccessLog({ ...owner, settings, proxies: new Proxies(trustedProxies) });
