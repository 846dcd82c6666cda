import { Service } from 'threadforge';

type Product = { readonly sku: string; readonly title: string; readonly cents: number };

const products: readonly Product[] = ['tea', 'coffee', 'cocoa', 'mate', 'chai', 'water'].map(
  (sku, index) => ({ sku, title: `A box of ${sku}`, cents: 300 + index * 125 }),
);

export default class Catalog extends Service {
  static contract = {
    expose: ['list', 'get'],
    routes: [{ method: 'GET', path: '/products', handler: 'list' }],
  };

  /** Search learns of every product when somebody asks for its index. */
  override onRequest(): readonly Product[] {
    return products;
  }

  list(): readonly Product[] {
    return products;
  }

  get(sku: string): Product | undefined {
    return products.find((product) => product.sku === sku);
  }
}
