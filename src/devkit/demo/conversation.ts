import { setTimeout as sleep } from 'node:timers/promises';
import { RoomEvent, type Room } from '@livekit/rtc-node';
import { joinSpeaker, type Speaker } from '../speaker.js';
import { readClip, speechIndex } from '../speech/recordings.js';
import type { Recording } from '../speech/wav.js';

export interface ConversationOptions {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly room: string;
}

export interface Conversation {
  /** The names of those who talk. */
  readonly people: readonly string[];
  /** Rejects when it cannot go on; resolves after `close`. */
  readonly ended: Promise<void>;
  /** Everybody leaves, at once. Idempotent. */
  close(): Promise<void>;
}

const CAPTIONER_MS = 15_000;
const CAPTIONER_EVENTS = [
  RoomEvent.ParticipantConnected,
  RoomEvent.ParticipantAttributesChanged,
] as const;

/** The recorded people join a room and talk to one another, over and over. */
export async function startConversation(options: ConversationOptions): Promise<Conversation> {
  const { people, turns, length } = (await speechIndex()).conversation;
  const speakers = new Map<string, Speaker>();
  const clips = new Map<string, Recording>();
  const stop = new AbortController();

  const close = async () => {
    stop.abort();
    await Promise.all([...speakers.values()].map((speaker) => speaker.hangUp()));
  };
  const talk = async () => {
    await captioner([...speakers.values()][0]?.room, stop.signal);
    // Planned from the first moment on, so that small delays do not add up.
    for (let round = performance.now(); ; round += length) {
      for (const { identity, file, start } of turns) {
        await sleep(Math.max(0, round + start - performance.now()), undefined, {
          signal: stop.signal,
        });
        const clip = clips.get(file);
        if (clip) void speakers.get(identity)?.speak(clip.samples, clip.sampleRate);
      }
      await sleep(Math.max(0, round + length - performance.now()), undefined, {
        signal: stop.signal,
      });
    }
  };

  try {
    for (const { file } of turns) clips.set(file, await readClip(file));
    for (const person of people) {
      speakers.set(person.identity, await joinSpeaker({ ...options, ...person }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const ended = talk().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  return { people: people.map(({ name }) => name), ended, close };
}

/** Resolves when captions have begun, or at once without a room; after a while also when they have not. */
function captioner(room: Room | undefined, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(CAPTIONER_MS)]);
  return new Promise((resolve) => {
    const end = () => {
      for (const event of CAPTIONER_EVENTS) room?.off(event, check);
      limit.removeEventListener('abort', end);
      resolve();
    };
    const check = () => {
      const people = [...(room?.remoteParticipants.values() ?? [])];
      if (people.some(({ attributes }) => attributes['captions.state'] === 'live')) end();
    };
    for (const event of CAPTIONER_EVENTS) room?.on(event, check);
    limit.addEventListener('abort', end);
    if (room) check();
    else end();
  });
}
