import type { Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import type { Logger } from '../logging.js';
import type { OwnedRoomMetrics } from '../metrics/room-metrics.js';
import { NAME, VERSION } from '../version.js';
import { TracedRoom } from './traced-room.js';

const CLOSE_MS = 5000;

/**
 * Traces of a process's rooms, to where the `OTEL_EXPORTER_OTLP_*` variables say. Load it only where they say
 * something: what it imports is large. Nothing is registered globally.
 */
export class Traces {
  readonly #provider: BasicTracerProvider;
  readonly #tracer: Tracer;
  #closed: Promise<void> | undefined;

  constructor(logger: Logger) {
    const resource = defaultResource()
      .merge(resourceFromAttributes({ 'service.name': NAME, 'service.version': VERSION }))
      .merge(detectResources({ detectors: [envDetector] }));
    const exporter = reporting(new OTLPTraceExporter(), logger);
    const spanProcessors = [new BatchSpanProcessor(exporter)];
    this.#provider = new BasicTracerProvider({ resource, spanProcessors });
    this.#tracer = this.#provider.getTracer(NAME, VERSION);
  }

  /** @param room its sid */
  openRoom(room: string, metrics: OwnedRoomMetrics): OwnedRoomMetrics {
    return new TracedRoom(this.#tracer, room, metrics);
  }

  /** Sends what waits, for five seconds at most. Never rejects, and may be called more than once. */
  close(): Promise<void> {
    this.#closed ??= Promise.race([
      this.#provider.shutdown(),
      new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS).unref()),
    ]).catch(() => undefined);
    return this.#closed;
  }
}

/** Says in the log when traces cannot be delivered, and when they can again. */
function reporting(exporter: SpanExporter, logger: Logger): SpanExporter {
  let failing = false;
  return {
    export: (spans, done) => {
      exporter.export(spans, (result) => {
        const failed = result.error !== undefined;
        if (failed && !failing) {
          const message =
            'traces cannot be delivered: check OTEL_EXPORTER_OTLP_ENDPOINT; captions go on';
          logger.warn({ err: result.error }, message);
        }
        if (!failed && failing) logger.info('traces are delivered again');
        failing = failed;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}
