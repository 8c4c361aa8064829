import type { PulseBatchOptions } from '../pulse/batch-options.js';
import { UsageError } from './output.js';

/** The key and address of Pulse, which are all that its batch API needs. @throws UsageError */
export function pulseAccess(env: NodeJS.ProcessEnv): Pick<PulseBatchOptions, 'apiKey' | 'baseUrl'> {
  const apiKey = env['SMALLEST_API_KEY']?.trim();
  if (!apiKey) throw new UsageError('SMALLEST_API_KEY is missing: set it, or put it into .env');
  const baseUrl = env['SMALLEST_BASE_URL']?.trim();
  return { apiKey, ...(baseUrl ? { baseUrl } : {}) };
}

/** @throws UsageError */
export function modelOf(name: string | undefined): PulseBatchOptions['model'] {
  const model = (['pulse', 'pulse-pro'] as const).find((known) => known === name);
  if (name !== undefined && !model) throw new UsageError('--model takes pulse or pulse-pro');
  return model;
}
