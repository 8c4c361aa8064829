import { AggregatorRegistry, type Registry } from 'prom-client';

/** All values of one process at one time, as they go from process to process. */
export type MetricsSnapshot = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

/** One of several: sums, except where a metric says otherwise. */
export function mergeSnapshots(snapshots: readonly MetricsSnapshot[]): Promise<MetricsSnapshot> {
  return AggregatorRegistry.aggregate([...snapshots]).getMetricsAsJSON();
}

/** As Prometheus reads it. */
export function writeSnapshots(snapshots: readonly MetricsSnapshot[]): Promise<string> {
  return AggregatorRegistry.aggregate([...snapshots]).metrics();
}

/** What stays of a process that has ended: what it counted. What it had or was is gone with it. */
export function countsOf(snapshot: MetricsSnapshot): MetricsSnapshot {
  // The declared type is an enum of numbers, but a snapshot has names.
  return snapshot.filter(({ type }) => ['counter', 'histogram'].includes(String(type)));
}
