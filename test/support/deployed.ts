import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export const DASHBOARD = pathOf('deploy/grafana/captions.json');
export const ALERTS = pathOf('deploy/prometheus/alerts.yml');
export const ALERT_TESTS = pathOf('deploy/prometheus/alerts.test.yml');

function pathOf(file: string): string {
  return fileURLToPath(new URL(`../../${file}`, import.meta.url));
}

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

/** Every query of the dashboard with the title of its panel, as Grafana sends it for all workers. */
export async function dashboardQueries(
  rateInterval: string,
): Promise<{ readonly panel: string; readonly query: string }[]> {
  const { panels } = JSON.parse(await readFile(DASHBOARD, 'utf8')) as {
    readonly panels: readonly Panel[];
  };
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({
      panel: title,
      query: expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', rateInterval),
    })),
  );
}

export interface RulesOptions {
  /** An alert fires with the first look that finds its cause. */
  readonly atOnce?: boolean;
  /** A minute of the rules lasts a second, so that a test can wait for them. */
  readonly hurried?: boolean;
}

/**
 * The alert rules, as they are or made quicker.
 *
 * `hurried` changes how long a cause has to be there (`for: 5m`, `> 15 * 60`) and how far rates and increases look back
 * (`[10m]`), all by the same factor: rules are still the rules, with their thresholds, their labels and what they sum over. A Prometheus
 * that scrapes every second, in place of the usual 15 to 60, has as many samples in such a range as theirs in the
 * whole one.
 */
export async function alertRules({
  atOnce = false,
  hurried = false,
}: RulesOptions = {}): Promise<string> {
  const text = await readFile(ALERTS, 'utf8');
  if (atOnce) return text.replaceAll(/^( +for:) .*/gm, '$1 0s');
  if (!hurried) return text;
  return text.replaceAll(/(for: |\[)(\d+)m\b/g, '$1$2s').replaceAll(/(\d+) \* 60$/gm, '$1');
}

export async function alertNames(): Promise<string[]> {
  return Array.from((await alertRules()).matchAll(/alert: (\w+)/g), ([, name]) => name ?? '');
}
