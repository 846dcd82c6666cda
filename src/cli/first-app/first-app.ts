import { basename } from 'node:path';
import { ownVersion } from '../../supervisor/host/own-version.ts';

/** Name below the folder → text. */
export type Files = Readonly<Record<string, string>>;

/** Plain modules, which run with any package.json: one service with a route, which calls the other. */
export const firstApp = (folder: string): Files => {
  const name = appName(basename(folder));
  return {
    'forge.config.mjs': config(name),
    'services/web.mjs': web,
    'services/greeter.mjs': greeter,
    'package.json': packageFile(name),
  };
};

/** As the config takes it, and npm. */
const appName = (folder: string): string => {
  const name = folder.toLowerCase().replaceAll(/[^\w.-]+/g, '-');
  return /^[a-z]/.test(name) ? name : `app-${name}`;
};

const config = (name: string): string => `import { defineServices } from 'threadforge';

export default defineServices(
  {
    web: { entry: './services/web.mjs', connects: ['greeter'] },
    greeter: { entry: './services/greeter.mjs', workers: { min: 1, max: 4 } },
  },
  { app: '${name}', http: { port: 3000 } },
);
`;

const web = `import { Service } from 'threadforge';

export default class Web extends Service {
  static contract = {
    routes: [{ method: 'GET', path: '/hello/:name', handler: 'hello' }],
  };

  async hello(_body, { name }) {
    return { text: await this.greeter.greet(name) };
  }
}
`;

const greeter = `import { Service } from 'threadforge';

export default class Greeter extends Service {
  static contract = { expose: ['greet'] };

  async greet(name) {
    return \`Hello \${name}\`;
  }
}
`;

const packageFile = (name: string): string =>
  `${JSON.stringify(
    {
      name,
      private: true,
      type: 'module',
      scripts: { start: 'forge start', dev: 'forge dev', top: 'forge top' },
      dependencies: { threadforge: `^${ownVersion()}` },
    },
    undefined,
    2,
  )}\n`;
