import { Counter, Gauge, type Registry } from 'prom-client';
import type { StoreStatus } from '../transcript/store/status.js';

const GAUGES = {
  transcripts_running: ['running', 'Transcripts of calls that are under way.'],
  transcripts_waiting: [
    'waiting',
    'Transcripts of calls that are over and still to be exported, stored or told of.',
  ],
  journal_waiting_bytes: ['journalBytes', 'Of journals, what the disk has not taken yet.'],
} as const;

const COUNTERS = {
  store_uploads_total: ['uploads', 'Objects that were put into the store.'],
  store_uploaded_bytes_total: ['uploadedBytes', 'Bytes that were put into the store.'],
  store_failures_total: [
    'uploadFailures',
    'Tries to bring something to the store that did not work.',
  ],
  webhook_events_total: ['events', 'Events that the receiver of the webhook has taken.'],
  webhook_failures_total: ['eventFailures', 'Tries to tell the webhook that did not work.'],
  transcripts_expired_total: ['expired', 'Files that were removed because of their age.'],
} as const;

/** Of transcripts on their way to the disk, the store and the webhook; zeros where there are none. */
export function measureTranscripts(
  registry: Registry,
  status: () => StoreStatus | undefined,
): void {
  const registers = [registry];
  for (const [name, [field, help]] of Object.entries(GAUGES)) {
    new Gauge({
      name: `captions_${name}`,
      help,
      registers,
      collect() {
        this.set(status()?.[field] ?? 0);
      },
    });
  }
  new Gauge({
    name: 'captions_transcripts_oldest_waiting_seconds',
    help: 'How long ago the call ended whose transcript waits longest, also over restarts; 0: none waits.',
    aggregator: 'max',
    registers,
    collect() {
      this.set((status()?.oldestWaitingMs ?? 0) / 1000);
    },
  });
  for (const [name, [field, help]] of Object.entries(COUNTERS)) {
    new Counter({
      name: `captions_${name}`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(status()?.[field] ?? 0);
      },
    });
  }
}
