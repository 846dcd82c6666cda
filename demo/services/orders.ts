import { type Client, Service } from 'threadforge';
import type Billing from './billing.ts';
import { openDatabase } from './database.ts';
import { type Item, scoreOrder } from './pricing.ts';
import type Users from './users.ts';

/** From here on a customer notices. */
const slowMs = 250;
const complainEveryMs = 1_000;

type OrderInput = { readonly userId: number; readonly items: readonly Item[] };

export default class Orders extends Service {
  static contract = {
    routes: [{ method: 'POST', path: '/orders', handler: 'place' }],
    emits: { place: 'order.placed' },
  };

  declare readonly users: Client<Users>;
  declare readonly billing: Client<Billing>;

  readonly #database = openDatabase(
    'orders',
    'CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, user INTEGER, score TEXT)',
  );

  #complainedAt = 0;

  async place({ userId, items }: OrderInput): Promise<object> {
    const from = performance.now();
    const user = await this.users.getUser(userId);
    const score = scoreOrder(userId, items);
    const payment = await this.billing.charge(userId, items.length * 500);
    const { lastInsertRowid } = this.#database
      .prepare('INSERT INTO orders (user, score) VALUES (?, ?)')
      .run(userId, score);
    const id = Number(lastInsertRowid);
    this.#complain(id, performance.now() - from);
    return { id, user, payment };
  }

  /** Of the slow orders of a second one is enough to know of. */
  #complain(order: number, tookMs: number): void {
    const now = performance.now();
    if (tookMs < slowMs || now - this.#complainedAt < complainEveryMs) return;
    this.#complainedAt = now;
    this.ctx.log.warn(`order ${order} took ${Math.round(tookMs)} ms`);
  }

  override onStop(): void {
    this.#database.close();
  }
}
