import type { PortPlace } from '../../protocol/errors.ts';
import type { FrontPort } from '../../protocol/worker/messages.ts';
import { firstDescriptor } from '../../protocol/worker/succession.ts';
import { bindPort, type HeldPort, inheritPort, lentPort } from '../process/bind-port.ts';

export type PortNumbers = {
  readonly http?: number;
  /** Command → the port at which clients find it. */
  readonly commands: Readonly<Record<string, number>>;
};

export const httpPlace: PortPlace = { name: 'http.port', setting: '`--http PORT` or `http.port`' };

export const commandPlace = (command: string): PortPlace => ({
  name: `services.${command}.port`,
  setting: `\`services.${command}.port\``,
});

const askedPlace = (command: string): PortPlace => ({
  name: `that of ${command}`,
  setting: '`--http PORT`',
});

/** The ports of a run, in the order of the descriptors that its processes inherit. */
export class HeldPorts {
  readonly #http: HeldPort | undefined;
  readonly #commands = new Map<string, HeldPort>();

  private constructor(
    { http, commands }: PortNumbers,
    hold: (port: number, place: PortPlace) => HeldPort,
  ) {
    try {
      if (http !== undefined) this.#http = hold(http, httpPlace);
      for (const [name, port] of Object.entries(commands)) {
        this.#commands.set(name, hold(port, commandPlace(name)));
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  static bind(numbers: PortNumbers): HeldPorts {
    return new HeldPorts(numbers, bindPort);
  }

  /** Descriptors do not outlive their last holder: only who holds them can hand them on. */
  static inherit(numbers: PortNumbers): HeldPorts {
    let descriptor = firstDescriptor;
    return new HeldPorts(numbers, (port) => {
      descriptor += 1;
      return inheritPort(port, descriptor - 1);
    });
  }

  /** An ingress that lives has them; one that is gone is bound again by asking for its descriptor. */
  static lend(numbers: PortNumbers): HeldPorts {
    return new HeldPorts(numbers, lentPort);
  }

  get numbers(): PortNumbers {
    const commands = [...this.#commands].map(([name, { port }]) => [name, port] as const);
    return {
      ...(this.#http === undefined ? {} : { http: this.#http.port }),
      commands: Object.fromEntries(commands),
    };
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
    const services = [...(this.#http === undefined ? [] : [undefined]), ...this.#commands.keys()];
    return services.map((service, index) => ({
      descriptor: firstDescriptor + index,
      ...(service === undefined ? {} : { service }),
    }));
  }

  /** A port that a command asked for. */
  add(command: string, port: number): void {
    this.#commands.set(command, bindPort(port, askedPlace(command)));
  }

  close(): void {
    for (const held of this.#all) held.close();
  }

  get #all(): readonly HeldPort[] {
    return [...(this.#http === undefined ? [] : [this.#http]), ...this.#commands.values()];
  }
}
