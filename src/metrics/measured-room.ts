import type { Caption } from '../captions/caption.js';
import type { Output } from '../config/config.js';
import type { Level, Step } from '../degradation/steps.js';
import type { PublishErrorCode } from '../publish/errors.js';
import { PulseError } from '../pulse/errors.js';
import type { ConnectionChanged, ConnectionState, PulseEvent } from '../pulse/events.js';
import type { CaptionerState } from '../room/status.js';
import type { CaptionMetrics, Cause } from './caption-metrics.js';
import type { CounterName } from './counters.js';
import type { MeasuredTrack, RoomMetrics, TrackMetrics } from './room-metrics.js';

type Text = Extract<PulseEvent, { type: 'interim' | 'final' }>;

/** Text that comes so long after the words is up with the speech. */
const CAUGHT_UP_MS = 3000;

/** One room, counted together with all others of its process. */
export class MeasuredRoom implements RoomMetrics {
  state: CaptionerState = 'starting';
  degradation: Level = 0;
  readonly tracks = new Set<CountedTrack>();
  readonly #metrics: CaptionMetrics;
  /** When what a caption was made of came. */
  readonly #answeredAt = new WeakMap<Caption, number>();

  constructor(metrics: CaptionMetrics) {
    this.#metrics = metrics;
  }

  stateChanged(state: CaptionerState): void {
    this.state = state;
  }

  stepped(step: Step): void {
    this.degradation = step.to;
    this.#metrics.stepped(step);
  }

  openTrack(track: MeasuredTrack): TrackMetrics {
    const counted = new CountedTrack(track, this.#metrics, this.#answeredAt, () =>
      this.tracks.delete(counted),
    );
    this.tracks.add(counted);
    return counted;
  }

  sent(caption: Caption, output: Output): void {
    const at = this.#answeredAt.get(caption);
    if (at === undefined) return;
    this.#metrics.overhead(output, caption.final ? 'final' : 'interim', performance.now() - at);
  }

  sendFailed(output: Output, code: PublishErrorCode): void {
    this.#metrics.sendFailed(output, code);
  }

  add(counter: CounterName, amount: number): void {
    this.#metrics.add(counter, amount);
  }
}

class CountedTrack implements TrackMetrics {
  stream: ConnectionState = 'idle';
  readonly #track: MeasuredTrack;
  readonly #metrics: CaptionMetrics;
  readonly #answeredAt: WeakMap<Caption, number>;
  readonly #onClose: () => void;
  #answer: { readonly event: PulseEvent; readonly at: number } | undefined;
  #turnBegan: number | undefined;
  #lostAt: number | undefined;

  constructor(
    track: MeasuredTrack,
    metrics: CaptionMetrics,
    answeredAt: WeakMap<Caption, number>,
    onClose: () => void,
  ) {
    this.#track = track;
    this.#metrics = metrics;
    this.#answeredAt = answeredAt;
    this.#onClose = onClose;
  }

  /** Milliseconds that speech has waited for a final. */
  get lag(): number {
    const since = this.#track.unconfirmedSince();
    return since === undefined ? 0 : Math.max(0, this.#track.now() - since);
  }

  recognised(event: PulseEvent): void {
    this.#answer = { event, at: performance.now() };
    switch (event.type) {
      case 'interim':
      case 'final':
        this.#heard(event);
        return;
      case 'speech_started':
        this.#turnBegan = event.at;
        return;
      case 'speech_ended':
        if (this.#turnBegan !== undefined) {
          this.#metrics.add('speech_seconds_total', (event.at - this.#turnBegan) / 1000);
        }
        this.#turnBegan = undefined;
        return;
      case 'gap':
        this.#metrics.add('gaps_total', 1);
        this.#metrics.add('gap_seconds_total', (event.end - event.start) / 1000);
        return;
      case 'usage':
        this.#metrics.add('audio_sent_seconds_total', event.audioMs / 1000);
        return;
      case 'connection':
        this.#connectionChanged(event);
        return;
    }
  }

  captioned(caption: Caption, from: PulseEvent | undefined): void {
    this.#metrics.add('revisions_total', 1);
    if (caption.final && caption.text !== '') this.#metrics.add('segments_total', 1);
    const answer = this.#answer;
    if (answer && answer.event === from) this.#answeredAt.set(caption, answer.at);
  }

  close(): void {
    this.#onClose();
  }

  #heard(event: Text): void {
    if (event.text === '') return;
    const late = this.#track.now() - event.end;
    this.#metrics.latency(event.type, late);
    if (event.type === 'final') {
      const words = event.words.length || event.text.split(/\s+/).filter(Boolean).length;
      this.#metrics.add('words_total', words - (event.continuesWord ? 1 : 0));
    }
    if (late <= CAUGHT_UP_MS) this.#caughtUp();
    else this.#caughtUpIfConfirmed();
  }

  #connectionChanged({ state, error }: ConnectionChanged): void {
    this.stream = state;
    switch (state) {
      case 'waiting':
        this.#metrics.reconnecting(causeOf(error));
        this.#lostAt ??= this.#track.now();
        return;
      case 'failed':
        this.#metrics.failed(causeOf(error));
        this.#lostAt = undefined;
        return;
      case 'live':
        this.#caughtUpIfConfirmed();
        return;
      case 'idle':
      case 'ended':
        this.#lostAt = undefined;
        return;
      case 'connecting':
        return;
    }
  }

  #caughtUpIfConfirmed(): void {
    if (this.#track.unconfirmedSince() === undefined) this.#caughtUp();
  }

  #caughtUp(): void {
    if (this.#lostAt !== undefined) this.#metrics.caughtUp(this.#track.now() - this.#lostAt);
    this.#lostAt = undefined;
  }
}

function causeOf(error: Error | undefined): Cause {
  return error instanceof PulseError ? error.code : 'other';
}
