import { Service } from 'threadforge';

/** Plain JavaScript: no build, no types, the same contract. */
export default class Search extends Service {
  static contract = {
    expose: ['find'],
    routes: [{ method: 'GET', path: '/search', handler: 'search' }],
    emits: { search: 'search.done' },
  };

  #index = new Map();

  onStart(ctx) {
    ctx.router.get('/search/size', (_request, response) => {
      response.end(String(this.#index.size));
    });
  }

  onMessage(_from, product) {
    this.#index.set(product.sku, product);
  }

  onRequest(_from, term) {
    return this.find(term);
  }

  async find(term) {
    if (this.#index.size === 0) {
      for (const product of await this.catalog.list()) this.onMessage('catalog', product);
    }
    return [...this.#index.values()].filter(({ title }) => title.includes(term ?? ''));
  }

  async search(_body, _params, { q }) {
    return { found: await this.find(q) };
  }
}
