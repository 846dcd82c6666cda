import { Packr } from 'msgpackr';

/** Frames of a length and a MessagePack value, written once a turn of the loop, and nothing else. */
export const bareLink = (socket, onValue) => {
  const codec = new Packr();
  let out = [];
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (rest.length - at >= 4) {
      const end = at + 4 + rest.readUInt32LE(at);
      if (end > rest.length) break;
      onValue(codec.unpack(rest.subarray(at + 4, end)));
      at = end;
    }
    rest = rest.subarray(at);
  });
  return (value) => {
    const payload = codec.pack(value);
    const head = Buffer.allocUnsafe(4);
    head.writeUInt32LE(payload.length);
    if (out.length === 0) {
      process.nextTick(() => {
        socket.write(Buffer.concat(out));
        out = [];
      });
    }
    out.push(head, payload);
  };
};
