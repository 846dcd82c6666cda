import { Emit, Expose, httpError, Route, Service } from 'threadforge';
import { openDatabase } from './database.ts';

type User = { readonly id: number; readonly name: string };

const names = ['Ada', 'Grace', 'Edsger', 'Barbara', 'Donald', 'Frances'];

export default class Users extends Service {
  readonly #database = openDatabase(
    'users',
    'CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)',
  );

  override onStart(): void {
    const insert = this.#database.prepare('INSERT OR IGNORE INTO users VALUES (?, ?)');
    for (const [index, name] of names.entries()) insert.run(index + 1, name);
  }

  @Expose()
  getUser(id: number): User {
    const row = this.#database.prepare('SELECT id, name FROM users WHERE id = ?').get(id);
    if (row === undefined) throw httpError(404, `There is no user ${id}`);
    return { id: Number(row['id']), name: String(row['name']) };
  }

  @Route('GET', '/users/:id')
  showUser(_body: unknown, { id }: { readonly id: string }): User {
    return this.getUser(Number(id));
  }

  @Route('POST', '/users')
  @Emit('user.created')
  createUser({ name }: { readonly name: string }): User {
    const { lastInsertRowid } = this.#database
      .prepare('INSERT INTO users (name) VALUES (?)')
      .run(name);
    return { id: Number(lastInsertRowid), name };
  }

  override onStop(): void {
    this.#database.close();
  }
}
