import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, installWithApt, mayInstall } from './apt.js';
import { freeTcpPort } from './livekit-server/ports.js';
import { startOwned } from './process.js';

/** What Debian's package `prometheus` brings. */
export interface PrometheusPrograms {
  readonly prometheus: string;
  readonly promtool: string;
}

export function findPrometheus(
  env: NodeJS.ProcessEnv = process.env,
): PrometheusPrograms | undefined {
  const prometheus = findProgram('prometheus', env);
  const promtool = findProgram('promtool', env);
  return prometheus && promtool ? { prometheus, promtool } : undefined;
}

/**
 * A Prometheus for the tests of metrics, installed with apt-get where there is none and that is possible; else a
 * message says that those tests are skipped.
 */
export async function ensurePrometheus(
  log: (line: string) => void,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  if (findPrometheus(env)) return;
  let reason = 'It can be installed automatically only by root on Debian or Ubuntu.';
  if (await mayInstall(env)) {
    reason = await installWithApt('prometheus', log, env);
    if (findPrometheus(env)) return;
  }
  log(`No Prometheus was found for the tests of metrics, so they are skipped. ${reason}`);
}

/** One on loopback that lasts at most as long as this process. */
export interface Prometheus {
  /** What a query gives now: one entry a series. */
  query(expression: string): Promise<readonly Sample[]>;
  /** The names of the alerts that fire now. */
  firing(): Promise<readonly string[]>;
  /** The names of those that fire or have fired, also for a moment. */
  fired(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * @param targets hosts and ports that it scrapes every second
 * @param rules text of a file of alert rules
 * @throws Error when it does not come up, with the last lines that it printed
 */
export async function startPrometheus(
  binary: string,
  targets: readonly string[],
  rules: string,
): Promise<Prometheus> {
  const port = await freeTcpPort();
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
  await writeFile(join(folder, 'rules.yml'), rules);
  await writeFile(join(folder, 'config.yml'), configuration(targets));
  let ready: () => void;
  const accepting = new Promise<void>((resolve) => (ready = resolve));
  const args = [
    `--config.file=${join(folder, 'config.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const program = startOwned(binary, args, {
    cwd: folder,
    onLine: (line) => {
      if (line.includes('ready to receive web requests')) ready();
    },
  });
  const close = async () => {
    await program.kill();
    await rm(folder, { recursive: true, force: true });
  };
  await Promise.race([accepting, program.exited]);
  if (!program.running) {
    await close();
    throw new Error(`${binary} did not start: ${program.lastLines()}`);
  }
  const query = (expression: string) => ask(`http://127.0.0.1:${port}`, expression);
  const namesIn = async (expression: string) => {
    const alerts = await query(expression);
    return alerts.map(({ labels }) => labels['alertname'] ?? '');
  };
  return {
    query,
    firing: () => namesIn('ALERTS{alertstate="firing"}'),
    fired: () => namesIn('last_over_time(ALERTS{alertstate="firing"}[1h])'),
    close,
  };
}

function configuration(targets: readonly string[]): string {
  return JSON.stringify({
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: ['rules.yml'],
    scrape_configs: [{ job_name: 'captions', static_configs: [{ targets }] }],
  });
}

async function ask(base: string, expression: string): Promise<Sample[]> {
  const response = await fetch(`${base}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query: expression }),
  });
  const answer = (await response.json()) as {
    readonly error?: string;
    readonly data?: {
      readonly resultType: string;
      readonly result: readonly {
        readonly metric: Record<string, string>;
        readonly value: readonly [number, string];
      }[];
    };
  };
  if (answer.data?.resultType !== 'vector') {
    throw new Error(`Prometheus does not answer "${expression}": ${answer.error ?? ''}`);
  }
  return answer.data.result.map(({ metric, value }) => ({
    labels: metric,
    value: Number(value[1]),
  }));
}
