import { defineServices } from 'threadforge';

export default defineServices(
  {
    gateway: {
      entry: './services/gateway.ts',
      connects: ['users', 'catalog', 'search'],
    },
    users: { entry: './services/users.ts', group: 'main' },
    catalog: { entry: './services/catalog.ts', group: 'main', connects: ['search'] },
    search: { entry: './services/search.js', group: 'main', connects: ['catalog'] },
    thumbnails: { entry: './services/thumbnails.ts', group: 'main' },
    orders: {
      entry: './services/orders.ts',
      connects: ['users', 'billing'],
      dependsOn: ['users', 'billing'],
      workers: { min: 1, max: 3 },
    },
    billing: {
      entry: './services/billing.ts',
      workers: { min: 1, max: 2 },
      env: { PAYMENT_PROVIDER: process.env['PAYMENT_PROVIDER'] ?? 'http://127.0.0.1:3999' },
    },
    mailer: { entry: './services/mailer.ts' },
  },
  {
    app: 'shop',
    http: { port: 3000 },
    advisor: {
      evaluationIntervalMs: 1_000,
      cooldownMs: 30_000,
      thresholds: { underutilized: { cpu: 20, duration: '20s' } },
    },
  },
);
