import { Registry } from 'prom-client';
import { highest, type Level, type Step } from '../degradation/steps.js';
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
  #degradation: Level = 0;

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

  /** The process gives more up in all of its rooms, or less. */
  stepped(step: Step): void {
    this.#degradation = step.to;
    this.#captions.stepped(step);
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
    const levels = [this.#degradation, ...rooms.map(({ degradation }) => degradation)];
    return {
      states: rooms.map(({ state }) => state),
      streams: tracks.map(({ stream }) => stream),
      lag: Math.max(0, ...tracks.map(({ lag }) => lag)) / 1000,
      degradation: highest(levels),
    };
  }
}
