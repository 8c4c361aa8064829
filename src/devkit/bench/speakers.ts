import { setTimeout as delay } from 'node:timers/promises';
import { routeNativeEvents } from '../../audio/native-events.js';
import { encodeWords } from '../pulse-server/exact/index.js';
import { joinSpeaker, type Speaker } from '../speaker.js';
import { noisy, pinkNoise } from '../speech/noise.js';
import { answerCalls } from './child/answer-calls.js';
import type { LiveKitAccess } from './livekit.js';

export interface Person {
  readonly room: string;
  readonly identity: string;
}

/** Words of the sound alphabet, with the pauses of speech. */
export interface Speech {
  readonly identity: string;
  /** Milliseconds before the first word. */
  readonly after: number;
  /** Said without a pause; a pause after each. */
  readonly phrases: readonly (readonly number[])[];
}

/** People with microphones, who say what they are told. */
const calls = {
  async join(access: LiveKitAccess, people: readonly Person[]): Promise<void> {
    for (const person of people) {
      speakers.set(person.identity, await joinSpeaker({ ...access, ...person }));
    }
    routeNativeEvents();
  },
  /** Resolves when everybody has said everything. */
  async speak(speeches: readonly Speech[]): Promise<void> {
    await Promise.all(speeches.map(speak));
  },
  /** Nobody says anything: what microphones hear in quiet rooms, for so many seconds. */
  async listen(seconds: number): Promise<void> {
    const room = noisy(new Int16Array(seconds * RATE), pinkNoise(seconds * RATE, 1), ROOM_LEVEL);
    await Promise.all(Array.from(speakers.values(), (speaker) => speaker.speak(room, RATE)));
  },
};
export type SpeakerCalls = typeof calls;

const RATE = 16_000;
/** Long ones: LiveKit sends the beginning of speech at a low bit rate. */
const WORD_MS = 320;
const MARGIN_MS = 250;
const PAUSE_MS = 400;
/** About -75 dBFS. */
const ROOM_LEVEL = 6;
const speakers = new Map<string, Speaker>();

async function speak({ identity, after, phrases }: Speech): Promise<void> {
  const speaker = speakers.get(identity);
  if (!speaker) throw new Error(`${identity} has not joined`);
  await delay(after);
  for (const words of phrases) {
    const sound = encodeWords(words, { sampleRate: RATE, wordMs: WORD_MS, marginMs: MARGIN_MS });
    await speaker.speak(sound, RATE);
    await delay(PAUSE_MS);
  }
}

answerCalls(calls, async () => {
  await Promise.all(Array.from(speakers.values(), (speaker) => speaker.hangUp()));
});
