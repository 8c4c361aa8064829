import { context, type Span, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import type { Caption } from '../captions/caption.js';
import type { Output } from '../config/config.js';
import type { Step } from '../degradation/steps.js';
import type { CounterName } from '../metrics/counters.js';
import type { MeasuredTrack, OwnedRoomMetrics, TrackMetrics } from '../metrics/room-metrics.js';
import type { PublishErrorCode } from '../publish/errors.js';
import { PulseError } from '../pulse/errors.js';
import type { ConnectionChanged, PulseEvent } from '../pulse/events.js';
import type { CaptionerState } from '../room/status.js';

/**
 * One room as a span, and in it each connection to Pulse as one; passes on to the metrics what it hears. Spans hold sids
 * and codes: neither what is said nor who.
 */
export class TracedRoom implements OwnedRoomMetrics {
  readonly #tracer: Tracer;
  readonly #metrics: OwnedRoomMetrics;
  readonly #span: Span;

  constructor(tracer: Tracer, room: string, metrics: OwnedRoomMetrics) {
    this.#tracer = tracer;
    this.#metrics = metrics;
    this.#span = tracer.startSpan('captions.room', { attributes: { 'captions.room': room } });
  }

  stateChanged(state: CaptionerState): void {
    this.#span.addEvent(`captions are ${state}`);
    if (state === 'failed') this.#span.setStatus({ code: SpanStatusCode.ERROR });
    this.#metrics.stateChanged(state);
  }

  stepped(step: Step): void {
    const attributes = { 'captions.level': step.to, 'captions.cause': step.cause };
    this.#span.addEvent('what is given up has changed', attributes);
    this.#metrics.stepped(step);
  }

  openTrack(track: MeasuredTrack): TrackMetrics {
    const parent = trace.setSpan(context.active(), this.#span);
    const attributes = { 'captions.track': track.sid };
    const start = () => this.#tracer.startSpan('captions.connection', { attributes }, parent);
    return new TracedTrack(start, this.#metrics.openTrack(track));
  }

  sent(caption: Caption, output: Output): void {
    this.#metrics.sent(caption, output);
  }

  sendFailed(output: Output, code: PublishErrorCode): void {
    this.#metrics.sendFailed(output, code);
  }

  add(counter: CounterName, amount: number): void {
    this.#metrics.add(counter, amount);
  }

  close(): void {
    this.#span.end();
    this.#metrics.close();
  }
}

class TracedTrack implements TrackMetrics {
  readonly #start: () => Span;
  readonly #metrics: TrackMetrics;
  #connection: Span | undefined;

  constructor(start: () => Span, metrics: TrackMetrics) {
    this.#start = start;
    this.#metrics = metrics;
  }

  recognised(event: PulseEvent): void {
    if (event.type === 'connection') this.#changed(event);
    if (event.type === 'gap') {
      const lostMs = Math.round(event.end - event.start);
      this.#connection?.addEvent('audio was lost', { 'captions.lost_ms': lostMs });
    }
    this.#metrics.recognised(event);
  }

  captioned(caption: Caption, from: PulseEvent | undefined): void {
    this.#metrics.captioned(caption, from);
  }

  close(): void {
    this.#end(undefined);
    this.#metrics.close();
  }

  #changed({ state, error }: ConnectionChanged): void {
    switch (state) {
      case 'connecting':
        this.#end(error);
        this.#connection = this.#start();
        return;
      case 'live':
        this.#connection?.addEvent('live');
        return;
      case 'idle':
      case 'waiting':
      case 'failed':
      case 'ended':
        this.#end(error);
        return;
    }
  }

  #end(error: Error | undefined): void {
    if (error) {
      const code = error instanceof PulseError ? error.code : 'other';
      this.#connection?.setStatus({ code: SpanStatusCode.ERROR, message: code });
    }
    this.#connection?.end();
    this.#connection = undefined;
  }
}
