import cluster from 'node:cluster';

/** Two of the bare servers on one port, as node:cluster has it. */
if (cluster.isPrimary) {
  const workers = [cluster.fork(), cluster.fork()];
  process.once('SIGTERM', () => {
    for (const worker of workers) worker.process.kill();
    process.exit();
  });
} else {
  await import('./bare-server.mjs');
}
