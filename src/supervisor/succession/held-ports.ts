import type { PortPlace } from '../../protocol/start-errors.ts';
import { firstDescriptor } from '../../protocol/worker/succession.ts';
import {
  bindAgainLater,
  bindPort,
  closeInherited,
  type HeldPort,
  inheritPort,
  lentPort,
} from '../process/bind-port.ts';

export type PortNumbers = {
  readonly http?: number;
  /** Service → the port on which its workers accept; a state of an earlier version has none. */
  readonly services?: Readonly<Record<string, number>>;
  /** Command → the port at which clients find it. */
  readonly commands: Readonly<Record<string, number>>;
};

type Kind = 'http' | 'services' | 'commands';
/** Whose a port is; that of the routes of all services has no name. */
type Owner = { readonly kind: Kind; readonly name: string };
type Wanted = Owner & { readonly port: number };
type OwnedPort = Owner & { readonly held: HeldPort };

type Hold = (port: number, place: PortPlace) => HeldPort;
type Holds = { readonly front: Hold; readonly door: Hold; readonly second?: readonly number[] };

/** A port to be handed to those who accept on it. */
type Door = { readonly service: string; readonly port: number; readonly descriptor: number };
type Front = { readonly service?: string; readonly port: number; readonly descriptor: number };

type Handed = { readonly port: number; readonly descriptor: number };

export const httpPlace: PortPlace = { name: 'http.port', setting: '`--http PORT` or `http.port`' };

export const servicePlace = (service: string): PortPlace => ({
  name: `services.${service}.port`,
  setting: `\`services.${service}.port\``,
});

const askedPlace = (command: string): PortPlace => ({
  name: `that of ${command}`,
  setting: '`--http PORT`',
});

const placeOf = ({ kind, name }: Owner): PortPlace =>
  kind === 'http' ? httpPlace : servicePlace(name);

/** In the order in which an earlier version hands their descriptors on: commands may ask for one later. */
const wantedIn = ({ http, services = {}, commands }: PortNumbers): readonly Wanted[] => [
  ...(http === undefined ? [] : [{ kind: 'http', name: '', port: http } as const]),
  ...Object.entries(services).map(([name, port]) => ({ kind: 'services', name, port }) as const),
  ...Object.entries(commands).map(([name, port]) => ({ kind: 'commands', name, port }) as const),
];

export const portsIn = (numbers: PortNumbers): readonly number[] =>
  wantedIn(numbers).map(({ port }) => port);

/** The ports of a run, in the order of the descriptors that its processes inherit. */
export class HeldPorts {
  #owned: readonly OwnedPort[] = [];
  /** Those that nobody has any more, until nobody accepts on them. */
  #former: readonly OwnedPort[] = [];
  /** Bound once more, beside a socket that only processes of an earlier supervisor have. */
  readonly #second: readonly number[];

  private constructor(numbers: PortNumbers, { front, door, second = [] }: Holds) {
    this.#second = second;
    try {
      for (const { port, ...owner } of wantedIn(numbers)) {
        const held = (owner.kind === 'services' ? door : front)(port, placeOf(owner));
        this.#owned = [...this.#owned, { ...owner, held }];
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** `again`: workers may outlive their supervisor without handing the ports of services on. */
  static bind(numbers: PortNumbers, again: boolean): HeldPorts {
    return new HeldPorts(numbers, { front: bindPort, door: holdOf(again) });
  }

  /** They have done so. */
  static bindAgain(numbers: PortNumbers): HeldPorts {
    const second = Object.values(numbers.services ?? {});
    return new HeldPorts(numbers, { front: bindPort, door: holdOf(true), second });
  }

  /**
   * Descriptors do not outlive their last holder: only who holds them can hand them on. A process
   * that is older than a port has not got that one; those that accept on it have.
   */
  static inherit(numbers: PortNumbers, handed: readonly number[]): HeldPorts {
    const wanted = portsIn(numbers);
    const inherit: Hold = (port, place) => {
      const at = handed.indexOf(port);
      return at < 0 ? bindPort(port, place, true) : inheritPort(port, firstDescriptor + at);
    };
    for (const [at, port] of handed.entries()) {
      if (!wanted.includes(port)) closeInherited(firstDescriptor + at);
    }
    const second = wanted.filter((port) => !handed.includes(port));
    return new HeldPorts(numbers, { front: inherit, door: inherit, second });
  }

  /**
   * An ingress that lives has those that it listens on; one that is gone is bound again by asking for
   * its descriptor. New workers of a service get another descriptor of its port.
   */
  static lend(numbers: PortNumbers): HeldPorts {
    const second = Object.values(numbers.services ?? {});
    return new HeldPorts(numbers, { front: lentPort, door: holdOf(true), second });
  }

  get numbers(): PortNumbers {
    const of = (wanted: Kind): Readonly<Record<string, number>> =>
      Object.fromEntries(
        this.#owned
          .filter(({ kind }) => kind === wanted)
          .map(({ name, held }) => [name, held.port]),
      );
    const http = this.#owned.find(({ kind }) => kind === 'http')?.held.port;
    return {
      ...(http === undefined ? {} : { http }),
      services: of('services'),
      commands: of('commands'),
    };
  }

  /** Where clients find a service or a command, beside the routes of the app. */
  portOf(service: string): number | undefined {
    return this.#owned.find(({ kind, name }) => kind !== 'http' && name === service)?.held.port;
  }

  /** None of them is lent. */
  get isHeld(): boolean {
    return this.#owned.every(({ held }) => held.isHeld());
  }

  /** What every process that is started now inherits, for whoever takes this supervisor's place. */
  handed(): readonly Handed[] {
    return this.#owned.map(({ held: { port, descriptor } }) => ({
      port,
      descriptor: descriptor(),
    }));
  }

  /** Where the ingress is to listen. */
  get frontPorts(): readonly number[] {
    return this.#owned.filter(isFront).map(({ held }) => held.port);
  }

  fronts(): readonly Front[] {
    return this.#owned.filter(isFront).map(({ kind, name, held: { port, descriptor } }) => ({
      port,
      descriptor: descriptor(),
      ...(kind === 'http' ? {} : { service: name }),
    }));
  }

  /** Where the workers of these services accept, also where they soon do so no more. */
  doorsOf(services: readonly string[]): readonly Door[] {
    return this.#doors
      .filter(({ name }) => services.includes(name))
      .map(({ name, held: { port, descriptor } }) => ({
        service: name,
        port,
        descriptor: descriptor(),
      }));
  }

  /**
   * What processes that an earlier supervisor started are to hold: not the first socket of a port
   * that has a second one. When nobody accepts there any more, clients would wait at it in vain.
   */
  get heldBefore(): readonly number[] {
    return portsIn(this.numbers).filter((port) => !this.#second.includes(port));
  }

  /** Of all services. */
  get doors(): readonly number[] {
    return this.#doors.map(({ held }) => held.port);
  }

  get hasFormer(): boolean {
    return this.#former.length > 0;
  }

  /**
   * Opens these ports, and no others. Those that were open stay so until `closeFormer`, and may be
   * given back until then. Throws and changes nothing when one is taken by somebody else.
   */
  give(numbers: PortNumbers): void {
    const open = [...this.#owned, ...this.#former];
    const bound: HeldPort[] = [];
    const find = ({ port, ...owner }: Wanted): HeldPort => {
      const own = open.find(
        ({ kind, name, held }) => kind === owner.kind && name === owner.name && held.port === port,
      );
      if (own !== undefined) return own.held;
      const held = bindAgainLater(port, placeOf(owner));
      bound.push(held);
      return held;
    };
    try {
      const given = wantedIn(numbers).map(({ port, ...owner }) => ({
        ...owner,
        held: find({ ...owner, port }),
      }));
      this.#owned = given;
      this.#former = open.filter((one) => !given.some(({ held }) => held === one.held));
    } catch (error) {
      for (const held of bound) held.close();
      throw error;
    }
  }

  closeFormer(): void {
    for (const { held } of this.#former) held.close();
    this.#former = [];
  }

  /** A port that a command asked for. */
  add(command: string, port: number): void {
    const held = bindPort(port, askedPlace(command));
    this.#owned = [...this.#owned, { kind: 'commands', name: command, held }];
  }

  close(): void {
    this.closeFormer();
    for (const { held } of this.#owned) held.close();
  }

  get #doors(): readonly OwnedPort[] {
    return [...this.#former, ...this.#owned].filter((one) => !isFront(one));
  }
}

/** The ingress listens on it. */
const isFront = ({ kind }: Owner): boolean => kind !== 'services';

const holdOf =
  (again: boolean): Hold =>
  (port, place) =>
    bindPort(port, place, again);
