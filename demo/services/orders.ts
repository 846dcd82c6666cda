import { type Client, Service } from 'threadforge';
import type Billing from './billing.ts';
import { openDatabase } from './database.ts';
import { type Item, scoreOrder } from './pricing.ts';
import type Users from './users.ts';

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

  async place({ userId, items }: OrderInput): Promise<object> {
    const user = await this.users.getUser(userId);
    const score = scoreOrder(userId, items);
    const payment = await this.billing.charge(userId, items.length * 500);
    const { lastInsertRowid } = this.#database
      .prepare('INSERT INTO orders (user, score) VALUES (?, ?)')
      .run(userId, score);
    return { id: Number(lastInsertRowid), user, payment };
  }

  override onStop(): void {
    this.#database.close();
  }
}
