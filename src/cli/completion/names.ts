import type { ControlClient } from '../../sdk/control/client.ts';

/** What the running app has names of. */
export const nameKinds = ['services', 'methods', 'advice', 'actions', 'explained'] as const;
export type NameKind = (typeof nameKinds)[number];

type Ask = (app: ControlClient) => Promise<readonly string[]>;

const namesOf: Readonly<Record<NameKind, Ask>> = {
  services: async (app) => (await app.request('status', {})).services.map(({ name }) => name),
  methods: async (app) =>
    Object.entries((await app.request('routingTable', {})).services).flatMap(
      ([service, { contract }]) => contract.expose.map((method) => `${service}.${method}`),
    ),
  advice: async (app) => (await app.request('advise', {})).recommendations.map(({ id }) => id),
  actions: async (app) =>
    (await app.request('actions', {})).actions.flatMap(({ id, undo }) =>
      undo === undefined ? [] : [id],
    ),
  explained: async (app) => [
    ...(await namesOf.services(app)),
    ...(await namesOf.advice(app)),
    ...(await app.request('actions', {})).actions.map(({ id }) => id),
  ],
};

/** A shell may take any other character for one of its own. */
const isPlain = (name: string): boolean => /^[\w.@-]+$/.test(name);

export const namesIn = async (app: ControlClient, kind: NameKind): Promise<readonly string[]> =>
  (await namesOf[kind](app)).filter(isPlain);
