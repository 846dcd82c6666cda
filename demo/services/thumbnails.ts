import { Service } from 'threadforge';

const side = 1_600;

/** Scales a picture on the event loop: the neighbour that nobody wants to share a process with. */
export default class Thumbnails extends Service {
  static contract = {
    routes: [{ method: 'GET', path: '/thumbnails/:id', handler: 'render' }],
  };

  render(_body: unknown, { id }: { readonly id: string }): object {
    const picture = new Uint8Array(side * side);
    for (let at = 0; at < picture.length; at += 1) picture[at] = (at * (Number(id) + 7)) % 251;
    return { id, side: side / 8, brightness: this.#scale(picture) };
  }

  /** Mean brightness of every 8 × 8 block, smoothed over its neighbours. */
  #scale(picture: Uint8Array): number {
    let sum = 0;
    for (let pass = 0; pass < 12; pass += 1) {
      for (let at = side; at < picture.length - side; at += 1) {
        sum += ((picture[at - 1] ?? 0) + (picture[at + 1] ?? 0) + (picture[at - side] ?? 0)) / 3;
      }
    }
    return Math.round(sum / picture.length);
  }
}
