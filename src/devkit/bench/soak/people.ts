import { setTimeout as delay } from 'node:timers/promises';
import { routeNativeEvents } from '../../../audio/native-events.js';
import { seeded } from '../../seeded.js';
import { encodeWords, VOCABULARY } from '../../pulse-server/exact/index.js';
import { joinSpeaker, type Speaker } from '../../speaker.js';
import { answerCalls } from '../child/answer-calls.js';
import { MOST_SPEAKERS, wordAt } from '../density/speech.js';
import type { LiveKitAccess } from '../livekit.js';

/** What somebody has said, in this order. */
export interface Said {
  readonly room: string;
  readonly identity: string;
  /** Tells the voice of whoever said it from others. */
  readonly voice: number;
  readonly words: readonly string[];
}

/** People in rooms that open and close, who talk, are muted, and go away and come back. */
const calls = {
  /** Keeps so many rooms busy until `stop`. */
  begin(access: LiveKitAccess, rooms: number, speakers: number, seed: number): Promise<void> {
    const random = seeded(seed);
    for (let slot = 0; slot < rooms; slot += 1) {
      slots.push(keepBusy(access, slot, speakers, seeded(Math.floor(random() * 2 ** 31))));
    }
    return Promise.resolve();
  },
  /** Everybody finishes what they are saying, and leaves. */
  async stop(): Promise<void> {
    stopping = true;
    await Promise.all(slots);
  },
  said: () => Promise.resolve(said),
  counts: () => Promise.resolve({ rooms, people: said.length, comings, mutes }),
};
export type PeopleCalls = typeof calls;

const RATE = 16_000;
const WORD_MS = 320;
const MARGIN_MS = 300;
const PHRASE_WORDS = 6;
/** Of one person, so that they say no word twice. */
const MOST_PHRASES = Math.floor(VOCABULARY.length / PHRASE_WORDS);
const ROOM_SECONDS = { least: 40, most: 150 };
/** After who speaks first has come: their captioner has to be there. */
const SETTLE_MS = 2500;

const said: (Said & { words: string[] })[] = [];
const slots: Promise<void>[] = [];
let stopping = false;
let [rooms, comings, mutes] = [0, 0, 0];

type Random = () => number;

/** One room after the other, until it is time to stop. */
async function keepBusy(
  access: LiveKitAccess,
  slot: number,
  speakers: number,
  random: Random,
): Promise<void> {
  await delay(slot * 1500);
  for (let generation = 1; !stopping; generation += 1) {
    const room = `soak-${slot}-${generation}`;
    rooms += 1;
    const until = performance.now() + 1000 * between(random, ROOM_SECONDS.least, ROOM_SECONDS.most);
    const over = () => stopping || performance.now() >= until;
    await Promise.all(
      Array.from({ length: speakers }, (_, place) =>
        live(access, room, `${room}-${place}`, over, random),
      ),
    );
    // Long enough for the room to be closed.
    await delay(between(random, 1500, 4000));
  }
}

/** Somebody's time in a room: they come at least once, say something, and may leave and come back. */
async function live(
  access: LiveKitAccess,
  room: string,
  identity: string,
  over: () => boolean,
  random: Random,
): Promise<void> {
  const voice = said.length % MOST_SPEAKERS;
  const mine = { room, identity, voice, words: [] as string[] };
  said.push(mine);
  await delay(between(random, 0, 4000));
  let speaker = await come(access, room, identity);
  for (let phrase = 0; !over() && phrase < MOST_PHRASES; phrase += 1) {
    await say(speaker, mine);
    await delay(between(random, 300, 3500));
    const chance = random();
    if (over()) break;
    if (chance < 0.12) {
      await speaker.hangUp();
      await delay(between(random, 300, 3000));
      speaker = await come(access, room, identity);
    } else if (chance < 0.24) {
      mutes += 1;
      await speaker.mute();
      await delay(between(random, 500, 5000));
      await speaker.unmute();
      await delay(1000);
    } else if (chance < 0.32) {
      await speaker.unpublish();
      await delay(between(random, 300, 2000));
      await speaker.publish();
      await delay(SETTLE_MS);
    }
  }
  await speaker.hangUp();
}

async function come(access: LiveKitAccess, room: string, identity: string): Promise<Speaker> {
  comings += 1;
  const speaker = await joinSpeaker({ ...access, room, identity });
  routeNativeEvents();
  await delay(SETTLE_MS);
  return speaker;
}

async function say(speaker: Speaker, mine: Said & { words: string[] }): Promise<void> {
  const indices = Array.from({ length: PHRASE_WORDS }, (_, place) =>
    wordAt(mine.voice, mine.words.length + place),
  );
  const speech = { sampleRate: RATE, wordMs: WORD_MS, marginMs: MARGIN_MS };
  await speaker.speak(encodeWords(indices, speech), RATE);
  mine.words.push(...indices.map((index) => VOCABULARY[index] ?? ''));
}

function between(random: Random, least: number, most: number): number {
  return least + random() * (most - least);
}

answerCalls(calls, () => Promise.resolve());
