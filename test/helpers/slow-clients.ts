import { connect } from 'node:net';

const lines = (...all: readonly string[]): string => `${all.join('\r\n')}\r\n\r\n`;

const upload = (path: string): string =>
  lines(`POST ${path} HTTP/1.1`, 'Host: a', 'Content-Length: 100000');

const flood = lines('GET /flood HTTP/1.1', 'Host: a');

/** What so many clients say at once, and then again and again. */
type Slowness = {
  readonly clients: number;
  readonly head: string;
  readonly drop: string;
  /** Reads nothing of an answer that is larger than what the system holds for it. */
  readonly isDeaf?: boolean;
};

const kinds: readonly Slowness[] = [
  { clients: 240, head: '', drop: '' },
  { clients: 240, head: 'GET /work HTTP/1.1\r\n', drop: 'X-A: b\r\n' },
  { clients: 240, head: upload('/work'), drop: 'x' },
  { clients: 240, head: upload('/upload'), drop: 'x' },
  { clients: 20, head: flood, drop: '\r\n', isDeaf: true },
  { clients: 20, head: flood, drop: lines('GET /work HTTP/1.1', 'Host: a'), isDeaf: true },
];

const dropEveryMs = 300;

/** Holds its connection as long as it can; gives what it was answered. */
const slowClient = (port: number, { head, drop, isDeaf = false }: Slowness): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1').setEncoding('latin1');
    let answer = '';
    if (isDeaf) socket.pause();
    else {
      socket.on('data', (chunk) => {
        answer += String(chunk);
      });
    }
    const dripping = setInterval(() => socket.write(drop), dropEveryMs);
    socket
      .on('error', () => undefined)
      .once('close', () => {
        clearInterval(dripping);
        resolve(answer);
      });
    socket.write(head);
  });

/**
 * A thousand of all kinds in between each other, at the ingress of the traffic app; each begins when it
 * is told to. All deaf ones at once would be a rush of what the system holds for them, not a slowness.
 */
export const slowCrowd = (port: number): readonly (() => Promise<string>)[] =>
  kinds
    .flatMap((kind) =>
      Array.from({ length: kind.clients }, (_, index) => ({
        place: (index + 0.5) / kind.clients,
        begin: () => slowClient(port, kind),
      })),
    )
    .toSorted((one, other) => one.place - other.place)
    .map(({ begin }) => begin);
