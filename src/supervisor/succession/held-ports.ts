import type { PortPlace } from '../../protocol/start-errors.ts';
import type { FrontPort } from '../../protocol/worker/messages.ts';
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

type Hold = (port: number, place: PortPlace) => HeldPort;
type Holds = { readonly front: Hold; readonly door: Hold; readonly second?: readonly number[] };

/** The port of a service, to be handed to its workers. */
type Door = { readonly service: string; readonly port: number; readonly descriptor: number };

type OwnPort = { readonly service: string; readonly held: HeldPort };
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

/** In the order in which an earlier version hands their descriptors on. */
export const portsIn = ({ http, services = {}, commands }: PortNumbers): readonly number[] => [
  ...(http === undefined ? [] : [http]),
  ...Object.values(services),
  ...Object.values(commands),
];

/** The ports of a run, in the order of the descriptors that its processes inherit. */
export class HeldPorts {
  readonly #http: HeldPort | undefined;
  #services: readonly OwnPort[] = [];
  /** Those that services have no more, until nobody accepts on them. */
  #former: readonly OwnPort[] = [];
  /** Bound once more, beside a socket that only processes of an earlier supervisor have. */
  readonly #second: readonly number[];
  /** Last, because a command may ask for one later. */
  readonly #commands = new Map<string, HeldPort>();

  private constructor(numbers: PortNumbers, { front, door, second = [] }: Holds) {
    const { http, services = {}, commands } = numbers;
    this.#second = second;
    try {
      if (http !== undefined) this.#http = front(http, httpPlace);
      for (const [service, port] of Object.entries(services)) {
        const held = door(port, servicePlace(service));
        this.#services = [...this.#services, { service, held }];
      }
      for (const [name, port] of Object.entries(commands)) {
        this.#commands.set(name, front(port, servicePlace(name)));
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** `again`: workers may outlive their supervisor without handing the ports of services on. */
  static bind(numbers: PortNumbers, again: boolean): HeldPorts {
    return new HeldPorts(numbers, { front: bindPort, door: doorHold(again) });
  }

  /** They have done so. */
  static bindAgain(numbers: PortNumbers): HeldPorts {
    const second = Object.values(numbers.services ?? {});
    return new HeldPorts(numbers, { front: bindPort, door: doorHold(true), second });
  }

  /**
   * Descriptors do not outlive their last holder: only who holds them can hand them on. A process
   * that is older than a port has not got that one; the workers that accept on it have.
   */
  static inherit(numbers: PortNumbers, handed: readonly number[]): HeldPorts {
    const wanted = portsIn(numbers);
    const inherit =
      (otherwise: Hold): Hold =>
      (port, place) => {
        const at = handed.indexOf(port);
        return at < 0 ? otherwise(port, place) : inheritPort(port, firstDescriptor + at);
      };
    for (const [at, port] of handed.entries()) {
      if (!wanted.includes(port)) closeInherited(firstDescriptor + at);
    }
    const second = Object.values(numbers.services ?? {}).filter((port) => !handed.includes(port));
    const holds = { front: inherit(lentPort), door: inherit(doorHold(true)), second };
    return new HeldPorts(numbers, holds);
  }

  /**
   * An ingress that lives has those that it listens on; one that is gone is bound again by asking for
   * its descriptor. New workers of a service get another descriptor of its port.
   */
  static lend(numbers: PortNumbers): HeldPorts {
    const second = Object.values(numbers.services ?? {});
    return new HeldPorts(numbers, { front: lentPort, door: doorHold(true), second });
  }

  get numbers(): PortNumbers {
    return {
      ...(this.#http === undefined ? {} : { http: this.#http.port }),
      services: Object.fromEntries(this.#services.map(({ service, held }) => [service, held.port])),
      commands: Object.fromEntries([...this.#commands].map(([name, { port }]) => [name, port])),
    };
  }

  /** Where clients find a service or a command, beside the routes of the app. */
  portOf(name: string): number | undefined {
    const own = this.#services.find(({ service }) => service === name)?.held;
    return (own ?? this.#commands.get(name))?.port;
  }

  /** None of them is lent. */
  get isHeld(): boolean {
    return this.#all.every((held) => held.isHeld());
  }

  /** What every process that is started now inherits, for whoever takes this supervisor's place. */
  handed(): readonly Handed[] {
    return this.#all.map(({ port, descriptor }) => ({ port, descriptor: descriptor() }));
  }

  /** For the ingress, by the descriptors that it has them as. */
  get fronts(): readonly FrontPort[] {
    const before = this.#http === undefined ? 0 : 1;
    const http = this.#http === undefined ? [] : [{ descriptor: firstDescriptor }];
    const commands = [...this.#commands.keys()].map((service, index) => ({
      descriptor: firstDescriptor + before + this.#services.length + index,
      service,
    }));
    return [...http, ...commands];
  }

  /** Where the workers of these services accept, also where they soon do so no more. */
  doorsOf(services: readonly string[]): readonly Door[] {
    return [...this.#former, ...this.#services]
      .filter(({ service }) => services.includes(service))
      .map(({ service, held: { port, descriptor } }) => ({
        service,
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
    return [...this.#former, ...this.#services].map(({ held }) => held.port);
  }

  get hasFormer(): boolean {
    return this.#former.length > 0;
  }

  /**
   * Gives services these ports. Those that they had stay open until `closeFormer`, and may be given
   * back until then. Throws and changes nothing when one is taken by somebody else.
   */
  give(services: Readonly<Record<string, number>>): void {
    const open = [...this.#services, ...this.#former];
    const bound: HeldPort[] = [];
    const find = (service: string, port: number): HeldPort => {
      const own = open.find((one) => one.service === service && one.held.port === port);
      if (own !== undefined) return own.held;
      const held = bindAgainLater(port, servicePlace(service));
      bound.push(held);
      return held;
    };
    try {
      const given = Object.entries(services).map(([service, port]) => ({
        service,
        held: find(service, port),
      }));
      this.#services = given;
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
    this.#commands.set(command, bindPort(port, askedPlace(command)));
  }

  close(): void {
    this.closeFormer();
    for (const held of this.#all) held.close();
  }

  get #all(): readonly HeldPort[] {
    const http = this.#http === undefined ? [] : [this.#http];
    return [...http, ...this.#services.map(({ held }) => held), ...this.#commands.values()];
  }
}

const doorHold =
  (again: boolean): Hold =>
  (port, place) =>
    bindPort(port, place, again);
