import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { systemdUnit, type UnitFacts } from '../../src/cli/deploy/unit.ts';
import { objection, signed } from '../../src/cli/deploy/unit-file.ts';
import { parseConfig } from '../../src/supervisor/config/parse/parse-config.ts';

const config = parseConfig(
  {
    app: 'shop',
    services: {
      users: { entry: './users.js', timeouts: { stop: '20s' } },
      orders: { entry: './orders.js', dependsOn: ['users'], timeouts: { stop: '5s' } },
    },
    http: { port: 3000 },
  },
  {
    file: '/srv/shop/forge.config.ts',
    directory: '/srv/shop',
    budget: { cores: 2 },
    exists: () => true,
  },
);

const facts: UnitFacts = {
  config,
  scope: 'system',
  // Any program that exists, wherever this checkout is.
  node: '/bin/sh',
  main: '/srv/shop/node_modules/threadforge/dist/cli/main.js',
  runtimeDirectory: 'forge/shop-0123abcd',
  user: 'shop',
};

type Setting = readonly [key: string, value: string];

const settingsOf = (unit: string): readonly Setting[] =>
  unit
    .split('\n')
    .filter((each) => each !== '' && !/^[#;[]/.test(each))
    .map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]);

const settingOf = (unit: string, key: string): string | undefined =>
  settingsOf(unit).find(([name]) => name === key)?.[1];

/** What systemd.syntax(7) makes of a list of words in double quotes. */
const unquoted = (value: string): readonly string[] =>
  [...value.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map(([, text = '']) =>
    text.replace(/\\(.)/gs, '$1').replaceAll('%%', '%'),
  );

const withFiles = <T>(run: (directory: string) => T): T => {
  const directory = mkdtempSync(join(tmpdir(), 'forge-unit-'));
  try {
    return run(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
};

/** The real tool's opinion; it throws when it has an objection. */
const analyze = (args: readonly string[], unit: string): string =>
  withFiles((directory) => {
    const file = join(directory, 'forge-shop.service');
    writeFileSync(file, unit);
    return execFileSync('systemd-analyze', [...args, file], {
      encoding: 'utf8',
      stdio: 'pipe',
      env: { ...process.env, XDG_RUNTIME_DIR: directory },
    });
  });

const verify = (unit: string, scope: '--system' | '--user' = '--system'): string =>
  analyze(['verify', '--man=no', scope], unit);

describe('the unit of an app', () => {
  test('lets commands find the Node that runs the app before any other', () => {
    const environment = settingsOf(systemdUnit(facts)).filter(([key]) => key === 'Environment');
    const paths = environment.flatMap(([, value]) => unquoted(value));
    expect(paths).toContainEqual(expect.stringMatching(/^PATH=\/bin:.*\/usr\/bin/));
  });

  test('is understood by systemd, for the machine and for a user', () => {
    expect(verify(systemdUnit(facts))).toBe('');
    expect(verify(systemdUnit({ ...facts, scope: 'user' }), '--user')).toBe('');
  });

  test('a setting that systemd does not know is caught', () => {
    expect(() => verify(systemdUnit({ ...facts, node: '/nowhere/node' }))).toThrow(/nowhere/);
  });

  test.each(['shop', 'root'])('as %s, leaves little exposed: 2.0 of 10 at most', (user) => {
    const args = ['security', '--offline=true', '--no-pager', '--threshold=20'];
    expect(analyze(args, systemdUnit({ ...facts, user }))).toContain('exposure level');
  });

  test('gives the app the time that its services may take to stop', () => {
    // The ingress 10 s, then orders 5 s, then users 20 s; the rest is for the supervisor.
    expect(settingOf(systemdUnit(facts), 'TimeoutStopSec')).toBe('45');
  });

  test('lets workers outlive a supervisor, with what they need', () => {
    const unit = systemdUnit(facts);
    expect(settingOf(unit, 'KillMode')).toBe('process');
    expect(settingOf(unit, 'RuntimeDirectoryPreserve')).toBe('restart');
  });

  test('has no capability, but the one that a low port takes', () => {
    const low = { ...facts, config: { ...config, httpPort: 443 } };
    expect(settingOf(systemdUnit(facts), 'AmbientCapabilities')).toBe('');
    expect(settingOf(systemdUnit(low), 'AmbientCapabilities')).toBe('CAP_NET_BIND_SERVICE');
  });

  test('sees a home folder or /tmp only if the app is there', () => {
    const at = (directory: string): string =>
      systemdUnit({ ...facts, config: { ...config, directory } });
    expect(settingOf(at('/srv/shop'), 'ProtectHome')).toBe('yes');
    expect(settingOf(at('/home/ada/shop'), 'ProtectHome')).toBe('read-only');
    expect(settingOf(at('/homestead/shop'), 'ProtectHome')).toBe('yes');
    expect(settingOf(at('/srv/shop'), 'PrivateTmp')).toBe('yes');
    expect(settingOf(at('/tmp/shop'), 'PrivateTmp')).toBe('no');
  });
});

describe('names and paths', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.string({ unit: fc.constantFrom(...'ab %"\'\\$;#=[]{}\n\r\t\u2028é'), minLength: 1 }),
  );

  test('come back as they were, or are refused; none adds a setting', () => {
    const keys = settingsOf(systemdUnit(facts)).map(([key]) => key);
    fc.assert(
      fc.property(text, text, text, (app, folder, program) => {
        const directory = `/srv/${folder}`;
        const file = `${directory}/forge.config.ts`;
        const given = {
          ...facts,
          node: `/opt/${program}`,
          config: { ...config, app, directory, file },
        };
        let unit: string;
        try {
          unit = systemdUnit(given);
        } catch (error) {
          expect(error).toMatchObject({ code: 'UNIT_UNWRITABLE' });
          return;
        }
        expect(settingsOf(unit).map(([key]) => key)).toEqual(keys);
        expect(unquoted(settingOf(unit, 'ExecStart') ?? '')).toEqual([
          given.node,
          '--disable-sigusr1',
          facts.main,
          'start',
          '--headless',
          '--config',
          file,
        ]);
        expect(unquoted(settingOf(unit, 'ReadWritePaths') ?? '')).toEqual([`${directory}/.forge`]);
        expect(settingOf(unit, 'WorkingDirectory')?.replaceAll('%%', '%')).toBe(directory);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each(['a\nExecStartPre=/bin/false', 'a\r', ' a', 'a ', 'a\\', '\ud800', 'a\u0000b'])(
    'the app name %j is refused',
    (app) => {
      expect(() => systemdUnit({ ...facts, config: { ...config, app } })).toThrow(
        expect.objectContaining({ code: 'UNIT_UNWRITABLE' }),
      );
    },
  );

  test.each(['with blank', '50%n', '$HOME', ';', 'é€', '[x]'])(
    'systemd finds the program in a folder called %j',
    (name) => {
      withFiles((directory) => {
        mkdirSync(join(directory, name));
        const node = join(directory, name, 'node');
        symlinkSync(process.execPath, node);
        expect(verify(systemdUnit({ ...facts, node }))).toBe('');
      });
    },
  );

  test.each(['a"b', "a'b", 'a\\b'])('a program in a folder called %j is refused', (name) => {
    expect(() => systemdUnit({ ...facts, node: `/opt/${name}/node` })).toThrow(
      expect.objectContaining({ code: 'UNIT_UNWRITABLE' }),
    );
    const directory = `/srv/${name}`;
    const elsewhere = { ...config, directory, file: `${directory}/forge.config.ts` };
    expect(verify(systemdUnit({ ...facts, config: elsewhere }))).toBe('');
  });
});

describe('a unit file that is there already', () => {
  const file = '/srv/shop/forge.config.ts';
  const ours = signed(systemdUnit(facts), file);

  test('may be replaced if `forge startup` made it for the same app', () => {
    expect(objection(ours, file)).toBeUndefined();
    expect(verify(ours)).toBe('');
  });

  test.each([
    ['somebody wrote it', '[Service]\nExecStart=/bin/true\n', /was not made/],
    ['it is empty', '', /was not made/],
    ['a line was changed', ours.replace('WatchdogSec=30', 'WatchdogSec=60'), /was edited/],
    ['a line was added', `${ours}Nice=5\n`, /was edited/],
    [
      'it is another app',
      signed(systemdUnit(facts), '/srv/other/forge.config.ts'),
      /for \/srv\/other/,
    ],
  ])('is left alone when %s', (_what, existing, problem) => {
    expect(objection(existing, file)).toMatch(problem);
  });
});
