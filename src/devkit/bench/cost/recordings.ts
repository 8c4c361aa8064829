import type { Recogniser } from '../../pulse-server/index.js';
import { babble, music, noisy, type Noise, pinkNoise } from '../../speech/noise.js';
import { readClip, speechIndex } from '../../speech/recordings.js';
import { normalisedWords, wordErrors } from '../../speech/word-errors.js';
import {
  arranged,
  FRAME,
  inARoom,
  loudnessOf,
  RATE,
  secondsOf,
  throughGate,
} from './through-gate.js';

export interface RecordingFigures {
  /** `quiet`, or what is under the speech, and how much louder the speech is. */
  readonly noise: string;
  readonly words: number;
  readonly errorsWithout: number;
  readonly errorsWith: number;
  /** See `pointsOf`. */
  readonly points: number;
  readonly seconds: number;
  readonly sentSeconds: number;
}

const PAUSE_S = 2;
const DECIBELS = [20, 10, 5] as const;
/** As the service's defaults. */
const SESSION = { silenceMs: 600, finalizeOnWords: false, interims: false } as const;

/**
 * All recordings through the recogniser, with the gate and without it, in silence and in noise.
 * @param takes how often in each noise, which is another one each time: where a recogniser understands little, chance
 *   decides about the rest
 */
export async function measureRecordings(
  recogniser: Recogniser,
  takes: number,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<RecordingFigures[]> {
  const { clips } = await speechIndex();
  const parts = await Promise.all(clips.map(async ({ file }) => (await readClip(file)).samples));
  const reference = clips.flatMap(({ text }) => normalisedWords(text));
  const speech = withPauses(parts);
  const loudness = loudnessOf(parts);
  const noises: Readonly<Record<string, (seed: number) => Noise>> = {
    'pink noise': (seed) => pinkNoise(speech.length, seed),
    music: (seed) => music(speech.length, RATE, seed),
    babble: (seed) => babble(parts, speech.length, seed),
  };
  const conditions = [
    { noise: 'quiet', sounds: [() => inARoom(speech, 1)] },
    ...Object.entries(noises).flatMap(([name, noise]) =>
      DECIBELS.map((decibels) => ({
        noise: `${name}, ${decibels} dB`,
        sounds: Array.from({ length: takes }, (_, take) => () => {
          return noisy(speech, noise(take + 1), loudness / 10 ** (decibels / 20));
        }),
      })),
    ),
  ];
  const figures: RecordingFigures[] = [];
  for (const { noise, sounds } of conditions) {
    const sum = { words: 0, errorsWithout: 0, errorsWith: 0, sentMs: 0, ms: 0 };
    for (const sound of sounds) {
      signal.throwIfAborted();
      const samples = sound();
      const [without, gated] = await Promise.all([
        recognise(recogniser, samples, false),
        recognise(recogniser, samples, true),
      ]);
      sum.words += reference.length;
      sum.errorsWithout += wordErrors(reference, normalisedWords(without.text));
      sum.errorsWith += wordErrors(reference, normalisedWords(gated.text));
      sum.sentMs += gated.sentMs;
      sum.ms += without.sentMs;
    }
    const { sentMs, ms, ...errors } = sum;
    const one = {
      noise,
      ...errors,
      points: pointsOf([sum]),
      seconds: Number((ms / 1000).toFixed(1)),
      sentSeconds: Number((sentMs / 1000).toFixed(1)),
    };
    figures.push(one);
    log(
      `${noise}: of ${one.words} words ${one.errorsWithout} are wrong without the gate, ${one.errorsWith} with it; of ${one.seconds} s ${one.sentSeconds} are sent`,
    );
  }
  return figures;
}

/** How many more of 100 words are wrong with the gate than without. */
export function pointsOf(
  figures: readonly Pick<RecordingFigures, 'words' | 'errorsWith' | 'errorsWithout'>[],
): number {
  const words = figures.reduce((sum, one) => sum + one.words, 0);
  const more = figures.reduce((sum, one) => sum + one.errorsWith - one.errorsWithout, 0);
  return Number(((100 * more) / words).toFixed(1));
}

function withPauses(parts: readonly Int16Array[]): Int16Array {
  let at = PAUSE_S;
  const placed = parts.map((samples) => {
    const begin = at;
    at += secondsOf([samples]) + PAUSE_S;
    return { samples, at: begin };
  });
  return arranged(placed, at);
}

async function recognise(recogniser: Recogniser, sound: Int16Array, gated: boolean) {
  const words: string[] = [];
  let failure: unknown;
  const session = recogniser.open(SESSION, {
    speechStarted: () => undefined,
    silence: () => undefined,
    speechEnded: () => undefined,
    interim: () => undefined,
    final: (heard) => words.push(...heard.map(({ text }) => text)),
    failed: (error) => (failure = error),
  });
  const flush = async (last: boolean) => {
    const rest = await session.flush(last);
    words.push(...rest.map(({ text }) => text));
  };
  let sentMs = secondsOf([sound]) * 1000;
  if (gated) {
    sentMs = await throughGate(sound, {
      audio: (samples) => session.push(samples),
      pause: () => flush(false),
    });
  } else {
    for (let from = 0; from < sound.length; from += FRAME) {
      await session.push(sound.slice(from, from + FRAME));
    }
  }
  await flush(true);
  session.close();
  if (failure !== undefined) throw failure instanceof Error ? failure : new Error('no recogniser');
  return { text: words.join(' '), sentMs };
}
