import { GatedAudio } from '../../../audio/gated-audio.js';
import { openVoiceDetector } from '../../../audio/voice-detector.js';
import { levelOf, noisy, pinkNoise } from '../../speech/noise.js';

export const RATE = 16_000;
export const FRAME = (RATE * 50) / 1000;
/** As the worker has it where nothing else is set. */
export const GATE = { prerollMs: 400, hangoverMs: 700 };

/** What a quiet room sounds like in a microphone: about -75 dBFS. */
const ROOM_LEVEL = 6;

export function inARoom(samples: Int16Array, seed: number): Int16Array {
  return noisy(samples, pinkNoise(samples.length, seed), ROOM_LEVEL);
}

/** What is said one after the other, each beginning at a second of the whole. */
export function arranged(
  parts: readonly { readonly samples: Int16Array; readonly at: number }[],
  seconds: number,
): Int16Array {
  const whole = new Int16Array(Math.round(seconds * RATE));
  for (const { samples, at } of parts) whole.set(samples, Math.round(at * RATE));
  return whole;
}

export interface Receiver {
  audio(samples: Int16Array): Promise<unknown> | undefined;
  pause(): Promise<unknown> | undefined;
}

/**
 * Takes the audio of one track through a gate of its own, faster than real time.
 * @returns milliseconds that were passed
 */
export async function throughGate(samples: Int16Array, receiver?: Receiver): Promise<number> {
  const passed: (Int16Array | 'pause')[] = [];
  const gate = new GatedAudio({
    sampleRate: RATE,
    ...GATE,
    openDetector: openVoiceDetector,
    onAudio: (piece) => passed.push(piece),
    onPause: () => passed.push('pause'),
    onFailure: (error) => {
      throw error;
    },
  });
  for (let from = 0; from < samples.length; from += FRAME) {
    gate.push(samples.slice(from, from + FRAME), (from / RATE) * 1000);
    await gate.settled();
    for (const next of passed.splice(0)) {
      await (next === 'pause' ? receiver?.pause() : receiver?.audio(next));
    }
  }
  gate.close();
  return gate.passedMs;
}

export function secondsOf(parts: readonly Int16Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0) / RATE;
}

/** The level of speech without its pauses. */
export function loudnessOf(parts: readonly Int16Array[]): number {
  const squares = parts.reduce((sum, part) => sum + part.length * levelOf(part) ** 2, 0);
  return Math.sqrt(squares / (secondsOf(parts) * RATE));
}
