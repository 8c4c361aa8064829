import { Registry } from 'prom-client';
import type { StoreStatus } from '../transcript/store/status.js';
import { CaptionMetrics, type RoomsNow } from './caption-metrics.js';
import { MeasuredRoom } from './measured-room.js';
import { ProcessUsage } from './process-usage.js';
import type { OwnedRoomMetrics } from './room-metrics.js';
import type { MetricsSnapshot } from './snapshot.js';
import { measureTranscripts } from './transcript-metrics.js';

/** All that one room process measures, in a registry of its own. */
export class RoomProcessMetrics {
  readonly #registry = new Registry();
  readonly #rooms = new Set<MeasuredRoom>();
  readonly #captions: CaptionMetrics;
  readonly #usage: ProcessUsage;

  /** @param transcripts how they are; undefined where there are none */
  constructor(transcripts: () => StoreStatus | undefined = () => undefined) {
    this.#captions = new CaptionMetrics(this.#registry, () => this.#now());
    this.#usage = new ProcessUsage(this.#registry, 'room');
    measureTranscripts(this.#registry, transcripts);
  }

  /** One more room; `close` takes it out of what there is now, and leaves what was counted. */
  openRoom(): OwnedRoomMetrics {
    const room = new MeasuredRoom(this.#captions);
    this.#rooms.add(room);
    return Object.assign(room, { close: () => void this.#rooms.delete(room) });
  }

  snapshot(): Promise<MetricsSnapshot> {
    return this.#registry.getMetricsAsJSON();
  }

  /** Idempotent. */
  close(): void {
    this.#usage.close();
  }

  #now(): RoomsNow {
    const rooms = [...this.#rooms];
    const tracks = rooms.flatMap(({ tracks }) => [...tracks]);
    return {
      states: rooms.map(({ state }) => state),
      streams: tracks.map(({ stream }) => stream),
      lag: Math.max(0, ...tracks.map(({ lag }) => lag)) / 1000,
    };
  }
}
