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

/** The alert rules, as they are or firing at once. */
export async function alertRules({ atOnce = false } = {}): Promise<string> {
  const text = await readFile(ALERTS, 'utf8');
  return atOnce ? text.replaceAll(/^( +for:) .*/gm, '$1 0s') : text;
}
