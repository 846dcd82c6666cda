import { On, Service } from 'threadforge';
import { openDatabase } from './database.ts';

const reportEvery = 250;

export default class Mailer extends Service {
  #mails = 0;
  readonly #database = openDatabase(
    'mailer',
    'CREATE TABLE IF NOT EXISTS mails (id INTEGER PRIMARY KEY, receiver TEXT, subject TEXT)',
  );

  @On('order.placed')
  sendReceipt({
    id,
    user,
  }: {
    readonly id: number;
    readonly user: { readonly name: string };
  }): void {
    this.#mail(user.name, `Your order ${id}`);
  }

  @On('user.created')
  welcome({ name }: { readonly name: string }): void {
    this.#mail(name, 'Welcome');
  }

  #mail(receiver: string, subject: string): void {
    this.#database
      .prepare('INSERT INTO mails (receiver, subject) VALUES (?, ?)')
      .run(receiver, subject);
    this.#mails += 1;
    if (this.#mails % reportEvery === 0) this.ctx.log.info(`${this.#mails} mails sent`);
  }

  override onStop(): void {
    this.#database.close();
  }
}
