import { ConnectionState, type LocalParticipant, type Room } from '@livekit/rtc-node';
import type { RoomClock } from '../audio/room-clock.js';
import type { OpenDetector } from '../audio/voice-detector.js';
import { SpeakerNames } from '../captions/speaker-names.js';
import type { Config } from '../config/config.js';
import { RoomUsage } from '../cost/room-usage.js';
import { priceOf } from '../cost/usage.js';
import { FEWER_INTERIMS, LARGER_CHUNKS } from '../degradation/steps.js';
import type { Logger } from '../logging.js';
import type { RoomMetrics } from '../metrics/room-metrics.js';
import { inOneCall } from '../publish/one-call.js';
import type { PulsePosition } from '../pulse/recognised.js';
import { TranscriptStore } from '../transcript/store/store.js';
import { serveBacklog } from './backlog-rpc.js';
import type { Connection } from './connection.js';
import { RoomDegradation } from './degradation.js';
import { serveHandover } from './handover.js';
import { RoomOutput } from './output.js';
import { RoomPeople } from './people.js';
import type { PipelineOptions } from './pipeline.js';
import { isAgent } from './selection.js';
import { SpeechGates } from './speech-gates.js';
import { StatusReporter } from './status-reporter.js';
import { TakeOver } from './take-over.js';
import { RoomTracks } from './tracks.js';
import { Wishes } from './wishes.js';

export interface RoomCaptionerOptions extends Pick<
  PipelineOptions,
  'openAudio' | 'openStream' | 'permits'
> {
  /** Connected when `start` is called, best without automatic subscription: the captioner chooses what it hears. */
  readonly room: Room;
  readonly config: Pick<Config, 'pulse' | 'captions' | 'transcript' | 'cost'>;
  /** Told what was sent to the speech service since the last time, in milliseconds of audio. */
  readonly onAudioSent?: ((audioMs: number) => void) | undefined;
  /** Where its transcript goes. Default: one of its own, by the config, that ends with it. */
  readonly transcripts?: TranscriptStore | undefined;
  /** Is told what happens, for whoever counts. */
  readonly metrics?: RoomMetrics | undefined;
  readonly logger: Logger;
  /** Where voices are told from silence; replaced in tests. */
  readonly openDetector?: OpenDetector;
  /** Of the dispatch that called the captioner: settings, as in the room's metadata. */
  readonly dispatchMetadata?: string;
  /** The identity of the captioner in the room that this one takes over from, without a word lost or doubled. */
  readonly succeeds?: string | undefined;
  /** Ends the captioner, as `end` does. */
  readonly signal?: AbortSignal;
}

/** What there is while a room is captioned. */
export interface Session {
  readonly output: RoomOutput;
  readonly status: StatusReporter;
  readonly wishes: Wishes;
  readonly usage: RoomUsage;
  readonly tracks: RoomTracks;
  readonly people: RoomPeople;
  /** To be closed with the session. */
  readonly degradation: RoomDegradation;
  readonly takeOver: TakeOver | undefined;
  /** To be closed with the session. */
  readonly ownTranscripts: TranscriptStore | undefined;
}

export interface SessionHooks {
  readonly connection: () => Connection;
  /** Something threw that should not. */
  readonly onFault: (error: unknown) => void;
  /** The room has sent more audio. */
  readonly onUsage: () => void;
  /** Another captioner is in the room and has the audio since the times given. */
  readonly stop: (
    since: ReadonlyMap<string, number>,
    limitMs: number,
  ) => Promise<ReadonlyMap<string, PulsePosition>>;
  /** Another captioner has all that it needs. */
  readonly done: () => void;
}

/** Wires the stages for one room: who is there, what of them is heard and how, and where what they say goes. */
export function openSession(
  self: LocalParticipant,
  sid: string,
  clock: RoomClock,
  options: RoomCaptionerOptions,
  hooks: SessionHooks,
): Session {
  const { room, config, logger, metrics, dispatchMetadata, succeeds } = options;
  const wishes = new Wishes(config.pulse.recognition, dispatchMetadata);
  wishes.roomAsks(room.metadata ?? '');
  const hasKey = room.e2eeManager !== undefined;
  const { outputs } = config.captions;
  const { transcripts, ownTranscripts } = transcriptsOf(options);
  const call = { room: { sid, name: room.name ?? '' }, epoch: clock.epoch };
  const output = new RoomOutput({
    channel: inOneCall(self),
    // LiveKit encrypts text streams and data messages, but not these.
    outputs: hasKey ? outputs.filter((output) => output !== 'segments') : outputs,
    intervalMs: config.captions.intervalMs,
    transcript: transcripts?.open(call, logger),
    others: () => [...room.remoteParticipants.keys()],
    connection: hooks.connection,
    metrics,
    logger,
  });
  const status = new StatusReporter({
    send: (attributes) => self.setAttributes(attributes),
    onChange: ({ state, reason }) => {
      metrics?.stateChanged(state);
      output.state(state, reason, clock.now());
    },
    logger,
  });
  const takeOver =
    succeeds === undefined ? undefined : new TakeOver({ self, from: succeeds, clock, logger });
  const ratePerHour = config.cost?.ratePerHour ?? 0;
  const usage = new RoomUsage(ratePerHour, (audioMs) => {
    metrics?.add('cost_total', priceOf(audioMs, ratePerHour));
    options.onAudioSent?.(audioMs);
    hooks.onUsage();
  });
  const pipeline: PipelineOptions = {
    usage,
    pulse: config.pulse,
    clock,
    names: new SpeakerNames(),
    onCaption: (caption) => output.caption(caption),
    onConnection: (trackSid, event) => status.connectionChanged(trackSid, event),
    onGap: (gap) => output.gap(gap),
    onLanguageRefused: (language) => {
      wishes.languageRefused(language);
      people.applyWishes();
    },
    onFault: hooks.onFault,
    takeOver,
    metrics,
    gates: new SpeechGates(config.pulse, logger, options.openDetector),
    logger,
    openAudio: options.openAudio,
    openStream: options.openStream,
    permits: options.permits,
  };
  const tracks = new RoomTracks({ pipeline, wishes, status, hasKey });
  const degradation = new RoomDegradation({
    read: () => ({
      // While the room connects again everything waits, and nothing that is given up would help.
      captionsWaitMs:
        room.connectionState === ConnectionState.CONN_RECONNECTING ? 0 : output.waitMs,
      unsentMs: tracks.unsentMs,
    }),
    apply: (level) => {
      output.fewerInterims = level >= FEWER_INTERIMS;
      tracks.useLargeChunks(level >= LARGER_CHUNKS);
      status.degradationChanged(level);
    },
    onStep: (step) => metrics?.stepped(step),
    logger,
  });
  const usualLanguage = config.pulse.recognition.language;
  const people = new RoomPeople({ room, clock, wishes, tracks, output, status, usualLanguage });
  serveBacklog(self, () => output.backlog);
  serveHandover({
    self,
    isAgent: (identity) => {
      const participant = room.remoteParticipants.get(identity);
      return participant && isAgent(participant);
    },
    clock,
    stop: hooks.stop,
    done: hooks.done,
  });
  return { output, status, usage, wishes, tracks, people, degradation, takeOver, ownTranscripts };
}

function transcriptsOf({ transcripts, config, logger }: RoomCaptionerOptions) {
  if (transcripts || !config.transcript) return { transcripts, ownTranscripts: undefined };
  const ownTranscripts = new TranscriptStore(config.transcript, logger);
  return { transcripts: ownTranscripts, ownTranscripts };
}
