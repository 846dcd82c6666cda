import autocannon from 'autocannon';

/** A closed loop of 64 connections; prints what it saw as JSON. */
const [url, durationMs] = process.argv.slice(2);
const { requests, latency, non2xx, errors, duration } = await autocannon({
  url,
  connections: 64,
  duration: Number(durationMs) / 1_000,
  headers: { connection: 'keep-alive' },
});
const failed = non2xx + errors;
process.stdout.write(
  JSON.stringify({ perSecond: requests.total / duration, p99Ms: latency.p99, failed }),
);
