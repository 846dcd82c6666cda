import { type Client, type Context, Service } from 'threadforge';
import type Catalog from './catalog.ts';
import type Users from './users.ts';

/** The edge: composes a page from what other services know. */
export default class Gateway extends Service {
  static contract = {
    routes: [{ method: 'GET', path: '/shop/:userId', handler: 'home' }],
  };

  declare readonly users: Client<Users>;
  declare readonly catalog: Client<Catalog>;

  override onStart(ctx: Context): void {
    ctx.router.get('/shop/health', (_request, response) => {
      response.end('open');
    });
  }

  async home(_body: unknown, { userId }: { readonly userId: string }): Promise<object> {
    const [user, products] = await Promise.all([
      this.users.getUser(Number(userId)),
      this.catalog.list(),
    ]);
    return { user, products };
  }
}
