import { createExactRecogniser } from '../../src/devkit/pulse-server/exact/index.js';
import { PulseStream } from '../../src/pulse/stream.js';
import type { OpenStream } from '../../src/room/pipeline.js';

/** Hears through a real stream, and keeps what it heard. */
export function taping(tape: Int16Array[]): OpenStream {
  return ({ apiKey: key, baseUrl, recognition }, onEvent) => {
    const stream = new PulseStream({ apiKey: key, baseUrl, ...recognition }, { onEvent });
    return {
      push: (samples, at) => {
        tape.push(samples);
        stream.push(samples, at);
      },
      updateOptions: (changes) => stream.updateOptions(changes),
      flush: () => stream.flush(),
      get position() {
        return stream.position;
      },
      get unconfirmedSpeech() {
        return stream.unconfirmedSpeech;
      },
      end: () => stream.end(),
      close: () => stream.close(),
    };
  };
}

/**
 * The words in the audio that came out of LiveKit. On a busy machine it drops a packet now and then, which is not
 * what is tested here.
 */
export async function wordsOn(tape: readonly Int16Array[]): Promise<string[]> {
  const words: string[] = [];
  const recogniser = createExactRecogniser();
  const session = recogniser.open(
    { silenceMs: 600, finalizeOnWords: false, interims: false },
    {
      speechStarted: () => undefined,
      silence: () => undefined,
      speechEnded: () => undefined,
      interim: () => undefined,
      final: (heard) => words.push(...heard.map(({ text }) => text)),
      failed: () => undefined,
    },
  );
  for (const samples of tape) await session.push(samples.slice());
  const rest = await session.flush(true);
  await recogniser.close();
  return [...words, ...rest.map(({ text }) => text)];
}
