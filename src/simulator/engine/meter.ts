import { Histogram } from '../../protocol/histogram.ts';

/** What one service did in one second, over all its workers; as a worker's own meter counts. */
export class Meter {
  arrivals = 0;
  completions = 0;
  cpuMs = 0;
  loopWaitMs = 0;
  totalMs = 0;
  slices = 0;
  maxSliceMs = 0;
  squaresMs2 = 0;
  /** Of the answered requests: how long each held the loop, and that squared. */
  heldMs = 0;
  heldMs2 = 0;
  latency = new Histogram();
  readonly downstreamMs: Record<string, number> = {};
  readonly calls: Record<string, number> = {};

  slice(durationMs: number): void {
    this.cpuMs += durationMs;
    this.slices += 1;
    this.squaresMs2 += durationMs * durationMs;
    if (durationMs > this.maxSliceMs) this.maxSliceMs = durationMs;
  }

  answered(totalMs: number, heldMs: number): void {
    this.completions += 1;
    this.totalMs += totalMs;
    this.heldMs += heldMs;
    this.heldMs2 += heldMs * heldMs;
    this.latency.recordMs(totalMs);
  }

  called(callee: string): void {
    this.calls[callee] = (this.calls[callee] ?? 0) + 1;
  }

  waited(callee: string, waitMs: number): void {
    this.downstreamMs[callee] = (this.downstreamMs[callee] ?? 0) + waitMs;
  }
}
