import type { PortPlace } from '../../protocol/start-errors.ts';
import type { FrontPort } from '../../protocol/worker/messages.ts';
import { firstDescriptor } from '../../protocol/worker/succession.ts';
import { bindPort, type HeldPort, inheritPort, lentPort } from '../process/bind-port.ts';

export type PortNumbers = {
  readonly http?: number;
  /** Service → the port on which its workers accept; a state of an earlier version has none. */
  readonly services?: Readonly<Record<string, number>>;
  /** Command → the port at which clients find it. */
  readonly commands: Readonly<Record<string, number>>;
};

type Hold = (port: number, place: PortPlace) => HeldPort;
type Holds = { readonly front: Hold; readonly door: Hold };

/** The port of a service, to be handed to its workers. */
type Door = { readonly service: string; readonly descriptor: number };

export const httpPlace: PortPlace = { name: 'http.port', setting: '`--http PORT` or `http.port`' };

export const servicePlace = (service: string): PortPlace => ({
  name: `services.${service}.port`,
  setting: `\`services.${service}.port\``,
});

const askedPlace = (command: string): PortPlace => ({
  name: `that of ${command}`,
  setting: '`--http PORT`',
});

/** The ports of a run, in the order of the descriptors that its processes inherit. */
export class HeldPorts {
  readonly #http: HeldPort | undefined;
  readonly #services = new Map<string, HeldPort>();
  /** Last, because a command may ask for one later. */
  readonly #commands = new Map<string, HeldPort>();

  private constructor({ http, services = {}, commands }: PortNumbers, { front, door }: Holds) {
    try {
      if (http !== undefined) this.#http = front(http, httpPlace);
      for (const [name, port] of Object.entries(services)) {
        this.#services.set(name, door(port, servicePlace(name)));
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

  /** Descriptors do not outlive their last holder: only who holds them can hand them on. */
  static inherit(numbers: PortNumbers): HeldPorts {
    let descriptor = firstDescriptor;
    const inherit = (port: number): HeldPort => {
      descriptor += 1;
      return inheritPort(port, descriptor - 1);
    };
    return new HeldPorts(numbers, { front: inherit, door: inherit });
  }

  /**
   * An ingress that lives has those that it listens on; one that is gone is bound again by asking for
   * its descriptor. New workers of a service get another descriptor of its port.
   */
  static lend(numbers: PortNumbers): HeldPorts {
    return new HeldPorts(numbers, { front: lentPort, door: doorHold(true) });
  }

  get numbers(): PortNumbers {
    return {
      ...(this.#http === undefined ? {} : { http: this.#http.port }),
      services: numbersOf(this.#services),
      commands: numbersOf(this.#commands),
    };
  }

  /** Where clients find a service or a command, beside the routes of the app. */
  portOf(name: string): number | undefined {
    return (this.#services.get(name) ?? this.#commands.get(name))?.port;
  }

  get count(): number {
    return this.#all.length;
  }

  /** None of them is lent. */
  get isHeld(): boolean {
    return this.#all.every((held) => held.isHeld());
  }

  descriptors(): readonly number[] {
    return this.#all.map(({ descriptor }) => descriptor());
  }

  /** For the ingress, by the descriptors that it has them as. */
  get fronts(): readonly FrontPort[] {
    const before = this.#http === undefined ? 0 : 1;
    const http = this.#http === undefined ? [] : [{ descriptor: firstDescriptor }];
    const commands = [...this.#commands.keys()].map((service, index) => ({
      descriptor: firstDescriptor + before + this.#services.size + index,
      service,
    }));
    return [...http, ...commands];
  }

  /** Those of these services that have one. */
  doorsOf(services: readonly string[]): readonly Door[] {
    return services.flatMap((service) => {
      const held = this.#services.get(service);
      return held === undefined ? [] : [{ service, descriptor: held.descriptor() }];
    });
  }

  /** A port that a command asked for. */
  add(command: string, port: number): void {
    this.#commands.set(command, bindPort(port, askedPlace(command)));
  }

  close(): void {
    for (const held of this.#all) held.close();
  }

  get #all(): readonly HeldPort[] {
    const http = this.#http === undefined ? [] : [this.#http];
    return [...http, ...this.#services.values(), ...this.#commands.values()];
  }
}

const doorHold =
  (again: boolean): Hold =>
  (port, place) =>
    bindPort(port, place, again);

const numbersOf = (held: ReadonlyMap<string, HeldPort>): Readonly<Record<string, number>> =>
  Object.fromEntries([...held].map(([name, { port }]) => [name, port]));
