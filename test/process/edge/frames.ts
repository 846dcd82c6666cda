import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

/** HTTP/2 by hand: what its clients have no words for. */
export const types = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  window: 8,
  continuation: 9,
} as const;

type Frame = {
  readonly type: keyof typeof types;
  readonly stream?: number;
  readonly flags?: number;
  readonly payload?: Buffer;
};

export const frame = ({
  type,
  stream = 0,
  flags = 0,
  payload = Buffer.alloc(0),
}: Frame): Buffer => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = types[type];
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
};

export const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

const field = (name: string, value: string): Buffer =>
  Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);

export const fields = (method: string, path: string): Buffer =>
  Buffer.concat([
    field(':method', method),
    field(':scheme', 'https'),
    field(':path', path),
    field(':authority', 'localhost'),
  ]);

const [endStream, endHeaders] = [1, 4];

/** The whole of a request. */
export const get = (stream: number, path: string): Buffer =>
  frame({ type: 'headers', stream, flags: endStream | endHeaders, payload: fields('GET', path) });

/** Its body comes later. */
export const begin = (stream: number, method: string, path: string): Buffer =>
  frame({ type: 'headers', stream, flags: endHeaders, payload: fields(method, path) });

const initialWindow = 4;
const mostWindow = 2 ** 31 - 1;
const setting = Buffer.alloc(6);
setting.writeUInt16BE(initialWindow);

/** Of the session, beyond what it has anyway. */
export const wideOpen = frame({ type: 'window', payload: number(mostWindow - 65_535) });
export const ping = frame({ type: 'ping', payload: Buffer.alloc(8) });

export type Heard = { readonly type: number; readonly stream: number; readonly payload: Buffer };

export type RawSession = Disposable & {
  readonly socket: TLSSocket;
  readonly heard: readonly Heard[];
  readonly closed: Promise<unknown>;
};

/** Each stream may be sent so much before its client says more. */
export const dialRaw = async (port: number, window = mostWindow): Promise<RawSession> => {
  const socket = connect({ port, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'secureConnect');
  const heard: Heard[] = [];
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let end = endOf(rest); end <= rest.length; end = endOf(rest)) {
      const [type = 0, stream] = [rest[3], rest.readUInt32BE(5)];
      heard.push({ type, stream, payload: rest.subarray(9, end) });
      rest = rest.subarray(end);
    }
  });
  const payload = Buffer.from(setting);
  payload.writeUInt32BE(window, 2);
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  socket.write(frame({ type: 'settings', payload }));
  return { socket, heard, closed, [Symbol.dispose]: () => void socket.destroy() };
};

const endOf = (bytes: Buffer): number =>
  bytes.length < 9 ? Number.POSITIVE_INFINITY : 9 + bytes.readUIntBE(0, 3);
