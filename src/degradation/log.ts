import type { Logger } from '../logging.js';
import { directionOf, type Level, type Step } from './steps.js';

const UP: Readonly<Record<Level, string>> = {
  0: '',
  1: 'cannot keep up: interims are sent less often',
  2: 'still cannot keep up: audio goes to Pulse in larger pieces',
  3: 'still cannot keep up: no new rooms are taken',
};
const DOWN: Readonly<Record<Level, string>> = {
  0: 'keeps up again: interims are sent as often as usual',
  1: 'keeps up: audio goes to Pulse in small pieces again',
  2: 'keeps up: new rooms are taken again',
  3: '',
};

/**
 * @param who takes the step: a room, or its process
 * @param measured what was seen, in milliseconds
 */
export function logStep(
  logger: Logger,
  who: string,
  step: Step,
  measured: Readonly<Record<string, number>>,
): void {
  const { to: level, cause } = step;
  const figures = Object.entries(measured).map(([name, ms]) => [name, Math.round(ms)] as const);
  const fields = { level, cause, ...Object.fromEntries(figures) };
  if (directionOf(step) === 'up') logger.warn(fields, `${who} ${UP[level]}`);
  else logger.info(fields, `${who} ${DOWN[level]}`);
}
