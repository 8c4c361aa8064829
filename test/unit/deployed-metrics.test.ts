import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { findPrometheus } from '../../src/devkit/prometheus.js';
import { startOwned } from '../../src/devkit/process.js';
import { RoomProcessMetrics } from '../../src/metrics/room-process-metrics.js';
import { mergeSnapshots, type MetricsSnapshot } from '../../src/metrics/snapshot.js';
import { WorkerMetrics } from '../../src/metrics/worker-metrics.js';
import {
  ALERT_TESTS,
  alertNames,
  alertRules,
  ALERTS,
  dashboardQueries,
} from '../support/deployed.js';

const DOCS = new URL('../../docs/metrics.md', import.meta.url);

let metrics: MetricsSnapshot;
beforeAll(async () => {
  const process = new RoomProcessMetrics();
  const worker = new WorkerMetrics(() => ({
    registered: true,
    pulseReachable: true,
    load: 0,
    full: false,
    draining: false,
    roomProcesses: 1,
    joining: 0,
    uncaptioned: 0,
    maxStreams: undefined,
  }));
  metrics = await mergeSnapshots([await worker.snapshot(), await process.snapshot()]);
  worker.close();
  process.close();
});

/** As the table in `docs/metrics.md` has them. */
function rows(): string[][] {
  return metrics
    .map(({ name, type, help, values }) => {
      const labels = Object.keys(values[0]?.labels ?? {}).filter((label) => label !== 'le');
      return [`\`${name}\``, String(type), labels.map((label) => `\`${label}\``).join(' '), help];
    })
    .sort(([one = ''], [other = '']) => one.localeCompare(other));
}

async function tableIn(heading: string): Promise<string[][]> {
  const text = await readFile(DOCS, 'utf8');
  const section = text.slice(text.indexOf(`## ${heading}\n`)).split('\n## ')[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

test('docs/metrics.md describes every metric as it describes itself, and no other', async () => {
  expect(await tableIn('Metrics')).toEqual(rows());
});

test('docs/metrics.md says of every alert what to do', async () => {
  const documented = (await tableIn('Alerts')).map(([name]) => name);
  expect(documented).toEqual((await alertNames()).map((name) => `\`${name}\``));
});

test('dashboard and alerts use metrics that there are', async () => {
  const known = new Set(metrics.map(({ name }) => name));
  const queries = (await dashboardQueries('1m')).map(({ query }) => query);
  const used = [...queries, await alertRules()].flatMap(
    (text) => text.match(/captions_\w+/g) ?? [],
  );
  expect(used.length).toBeGreaterThan(50);
  const unknown = used.filter(
    (name) => !known.has(name) && !known.has(name.replace(/_(bucket|count|sum)$/, '')),
  );
  expect(unknown).toEqual([]);
});

test('the dashboard shows every metric', async () => {
  const text = (await dashboardQueries('1m')).map(({ query }) => query).join('\n');
  const missing = metrics.map(({ name }) => name).filter((name) => !text.includes(name));
  expect(missing).toEqual([]);
});

describe('alert rules', () => {
  const promtool = findPrometheus()?.promtool;
  const run = async (...args: string[]) => {
    const program = startOwned(promtool ?? '', args);
    const { code } = await program.exited;
    return { code, said: program.lastLines() };
  };

  test('are well formed', async (context) => {
    if (!promtool) return context.skip('There is no promtool: install Prometheus.');
    expect(await run('check', 'rules', ALERTS)).toMatchObject({ code: 0 });
  });

  test('fire by their cause, each of them, and none on a good day', async (context) => {
    if (!promtool) return context.skip('There is no promtool: install Prometheus.');
    const tests = await readFile(ALERT_TESTS, 'utf8');
    for (const name of await alertNames()) expect(tests).toContain(`alertname="${name}", alert`);
    expect(await run('test', 'rules', ALERT_TESTS)).toMatchObject({ code: 0 });
  });
});
