import type { RemoteAudioTrack } from '@livekit/rtc-node';
import { type OpenAudio, openAudio } from '../audio/frames.js';
import type { RoomClock } from '../audio/room-clock.js';
import type { Caption } from '../captions/caption.js';
import { newSegmentId } from '../captions/segment-id.js';
import { describeSpeaker } from '../captions/speaker.js';
import type { SpeakerNames } from '../captions/speaker-names.js';
import type { PulseConfig } from '../config/config.js';
import type { RoomUsage } from '../cost/room-usage.js';
import type { Logger } from '../logging.js';
import type { RoomMetrics } from '../metrics/room-metrics.js';
import type { ConnectionChanged, PulseEvent } from '../pulse/events.js';
import { sampleRateOf } from '../pulse/options.js';
import type { StreamPermits } from '../pulse/pool.js';
import type { PulsePosition } from '../pulse/recognised.js';
import { PulseStream } from '../pulse/stream.js';
import type { LostAudio } from '../transcript/journal.js';
import { roomLanguage } from './language.js';
import type { SpeechGates } from './speech-gates.js';
import type { TakeOver } from './take-over.js';
import type { Recognition } from './wishes.js';
import { type RecogniserStream, TrackCaptioner } from './track-captioner.js';

export type OpenStream = (
  config: PulseConfig,
  onEvent: (event: PulseEvent, message?: number) => void,
  /** See `PulseStreamHandlers`. */
  onLanguageRefused: (language: string) => void,
  /** Where another captioner's stream of the same track has stopped. */
  from?: PulsePosition,
) => RecogniserStream;

export interface PipelineOptions {
  readonly pulse: PulseConfig;
  readonly clock: RoomClock;
  /** Of the room. */
  readonly names: SpeakerNames;
  readonly onCaption: (caption: Caption) => void;
  readonly onConnection: (trackSid: string, event: ConnectionChanged) => void;
  readonly onGap: (gap: LostAudio) => void;
  /** The speech service does not have a language that was wished for. */
  readonly onLanguageRefused: (language: string) => void;
  /** Something threw that should not: the room cannot go on. */
  readonly onFault: (error: unknown) => void;
  /** Who may connect to the speech service. Undefined: everybody. */
  readonly permits?: StreamPermits | undefined;
  /** While another captioner still has the room. */
  readonly takeOver?: TakeOver | undefined;
  readonly metrics?: RoomMetrics | undefined;
  readonly gates: SpeechGates;
  /** Counts what is sent. */
  readonly usage?: RoomUsage | undefined;
  readonly logger: Logger;
  /** The ends of the pipeline that are outside this process; replaced in tests. */
  readonly openAudio?: OpenAudio | undefined;
  readonly openStream?: OpenStream | undefined;
}

/** Whom a track belongs to, as it is now: the name may change. */
export interface TrackOwner {
  readonly identity: string;
  readonly name?: string | undefined;
}

/** @param permits who may connect */
const openPulse =
  (permits: StreamPermits | undefined): OpenStream =>
  ({ apiKey, baseUrl, recognition, idleCloseMs = 30_000 }, onEvent, onLanguageRefused, from) =>
    new PulseStream(
      { apiKey, baseUrl, idleCloseMs, ...recognition },
      { onEvent, onLanguageRefused },
      from,
      permits,
    );

/** Wires the stages for one track: its audio, its recognition, its segments, and where these go. */
export function captionTrack(
  audio: RemoteAudioTrack,
  track: Caption['track'],
  owner: TrackOwner,
  wishes: Recognition,
  options: PipelineOptions,
): TrackCaptioner {
  const { pulse, clock, names, onCaption, onConnection } = options;
  const { openStream = openPulse(options.permits) } = options;
  const sampleRate = sampleRateOf(pulse.recognition);
  const { identity } = owner;
  const language = roomLanguage(wishes.language).assumed;
  const count = options.usage?.track(track.sid, () => captioner.assumedLanguage ?? language);
  const captioner: TrackCaptioner = new TrackCaptioner({
    audio: { audio: (options.openAudio ?? openAudio)(audio, sampleRate), sampleRate, clock },
    recognise: (onEvent) => {
      const onCounted = (event: PulseEvent, message?: number) => {
        count?.(event);
        onEvent(event, message);
      };
      const open = (from?: PulsePosition) =>
        options.gates.before(openStream(pulse, onCounted, options.onLanguageRefused, from));
      return options.takeOver?.hold(track.sid, open) ?? open();
    },
    segments: {
      track,
      speaker: (voice) =>
        describeSpeaker({ identity, name: owner.name, source: track.source, voice }, names),
      epoch: clock.epoch,
      newId: newSegmentId,
      defaultLanguage: language,
    },
    onCaption,
    onConnection: (event) => onConnection(track.sid, event),
    onGap: ({ start, end }) => options.onGap({ track: track.sid, identity, start, end }),
    onFault: options.onFault,
    metrics: options.metrics,
    logger: options.logger.child({ track: track.sid, source: track.source }),
  });
  // As a change, so that a language which the service refuses gives way to the environment's.
  captioner.update(wishes, language);
  return captioner;
}
