import { type OpenDetector, openVoiceDetector } from '../audio/voice-detector.js';
import type { PulseConfig } from '../config/config.js';
import type { Logger } from '../logging.js';
import { sampleRateOf, type PulseRecognition } from '../pulse/options.js';
import { GatedStream } from './gated-stream.js';
import type { RecogniserStream } from './track-captioner.js';

/** The gates of one room's tracks: the speech service is sent, and paid for, speech alone. */
export class SpeechGates {
  readonly #config: PulseConfig;
  readonly #openDetector: OpenDetector;
  readonly #logger: Logger;
  #failed = false;

  constructor(config: PulseConfig, logger: Logger, openDetector: OpenDetector = openVoiceDetector) {
    this.#config = config;
    this.#openDetector = openDetector;
    this.#logger = logger;
  }

  /** @returns the stream behind a gate of its own, or itself where gates are off */
  before(stream: RecogniserStream): RecogniserStream {
    const { gate, recognition } = this.#config;
    if (!gate) return stream;
    return new GatedStream(stream, {
      sampleRate: sampleRateOf(recognition),
      prerollMs: gate.prerollMs,
      hangoverMs: turnSilenceMs(recognition) + MARGIN_MS,
      openDetector: this.#openDetector,
      onFailure: (error) => this.#onFailure(error),
    });
  }

  #onFailure(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    const message =
      'voices cannot be told from silence: all audio is sent to Pulse, and paid for (PULSE_GATE=off silences this)';
    this.#logger.warn({ err: error }, message);
  }
}

/** The service may hear the end of speech a little later than our detector does. */
const MARGIN_MS = 100;
/** What the service has where the options say nothing. */
const ENDPOINTING_MS = 600;
const EOU_MS = 800;

/**
 * The silence after which the service ends a turn, in milliseconds. Whoever asks for longer turns by either option
 * has them: the gate does not end them before.
 */
export function turnSilenceMs({
  endpointing = true,
  endpointingTimeout,
  eouTimeoutMs,
}: PulseRecognition): number {
  if (!endpointing) return eouTimeoutMs ?? EOU_MS;
  return Math.max(endpointingTimeout ?? ENDPOINTING_MS, eouTimeoutMs ?? 0);
}
