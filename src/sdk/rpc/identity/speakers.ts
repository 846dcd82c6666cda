import { createPublicKey, verify } from 'node:crypto';
import { badMessage } from '../../../protocol/errors.ts';
import type { RoutingTable } from '../../../protocol/topology.ts';
import { WaitingRoom } from '../calling/waiting-room.ts';
import { unpackValue } from '../wire/payload.ts';
import { statementOf } from './credential.ts';
import { type Names, Speaker } from './speaker.ts';

type Known = Exclude<RoutingTable['speakers'], undefined>;

/** A worker that has just started may call before the table that names it is here. */
const usualPatienceMs = 2_000;
const mostWaiting = 10_000;

/** As commands call themselves. */
const fromOutside = 'forge';

/** Who is who, as the supervisor says it, and so for whom each peer of this process may speak. */
export class Speakers {
  readonly #rpcPath: string;
  readonly #patienceMs: number;
  readonly #waiting = new WaitingRoom(mostWaiting);
  /** Undefined before the first table; a supervisor of an earlier version says nothing of it. */
  #known: Known | 'anyone' | undefined;

  constructor(rpcPath: string, patienceMs = usualPatienceMs) {
    this.#rpcPath = rpcPath;
    this.#patienceMs = patienceMs;
  }

  update({ speakers }: Pick<RoutingTable, 'speakers'>): void {
    this.#known = speakers ?? 'anyone';
    this.#waiting.open();
  }

  /** Of a peer that introduced itself like this; with nothing it is a command, or of an earlier version. */
  of(introduction: Uint8Array): Speaker {
    const look = introduction.length === 0 ? unproven : this.#proving(introduction);
    return new Speaker({
      look: () =>
        this.#known === undefined || this.#known === 'anyone' ? this.#known : look(this.#known),
      next: (until) => this.#waiting.wait(until),
      patienceMs: this.#patienceMs,
    });
  }

  #proving(introduction: Uint8Array): (known: Known) => Names | undefined {
    const fields = unpackValue(introduction);
    if (!isIntroduction(fields)) throw badMessage('The peer', 'an introduction that is none');
    const [workerId, proof] = fields;
    const statement = statementOf(workerId, this.#rpcPath);
    return (known) => {
      const found = Object.hasOwn(known, workerId) ? known[workerId] : undefined;
      if (found?.key === undefined) return undefined;
      const isIt = verify(null, statement, publicKeyOf(found.key), proof);
      return isIt ? new Set(found.services) : undefined;
    };
  }
}

const publicKeyOf = (key: string) =>
  createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' });

const isIntroduction = (fields: unknown): fields is readonly [string, Uint8Array] =>
  Array.isArray(fields) &&
  fields.length === 2 &&
  typeof fields[0] === 'string' &&
  fields[1] instanceof Uint8Array;

/** Workers of an earlier version prove nothing: of those it is enough that the supervisor knows them. */
const unproven = (known: Known): Names => {
  const silent = Object.values(known).filter(({ key }) => key === undefined);
  return new Set([fromOutside, ...silent.flatMap(({ services }) => services)]);
};
