/** A control socket with so many services behind it, all of whose figures change each second. */
import { crowd } from './crowd.ts';
import { serveFixed } from './supervisor.ts';

const [count = '30', everyMs = '1000', changes = 'yes'] = process.argv.slice(2);
const services = Number(count);
await using supervisor = await serveFixed({ snapshot: crowd(services, 0) });
let tick = 0;
const timer = setInterval(() => {
  tick += 1;
  if (changes === 'yes') supervisor.show(crowd(services, tick));
}, Number(everyMs));
process.stdout.write(`${supervisor.socketPath}\n`);
await new Promise((resolve) => process.once('SIGTERM', resolve));
clearInterval(timer);
