import type { ModelFiles } from '../../model.js';
import { RECOGNISER_RATE } from '../recogniser.js';
import { Scheduler } from './scheduler.js';

/** Shorter sounds than this, in samples, are lengthened by silence: the model wants something to look at. */
const SHORTEST = RECOGNISER_RATE / 2;

/** The model, shared by all streams. Decoding happens on other threads. */
export interface Engine {
  readonly scheduler: Scheduler;
  /** @returns the text of at most 12 s of sound, without a word when there is none. */
  decode(sound: Float32Array): Promise<string>;
  /** A voice detector of its own for a stream: the probability of a voice in each 32 ms. */
  createVad(): { predict(window: Int16Array): Promise<number> };
  readonly vadWindow: number;
}

/** Loads the native parts. One decoding thread each for `atOnce` sounds. */
export async function loadEngine(model: ModelFiles, atOnce: number): Promise<Engine> {
  const { default: sherpa } = await import('sherpa-onnx-node');
  const { default: inference } = await import('@livekit/local-inference');
  const recogniser = await sherpa.OfflineRecognizer.createAsync({
    featConfig: { sampleRate: RECOGNISER_RATE, featureDim: 80 },
    modelConfig: {
      moonshine: { encoder: model.encoder, mergedDecoder: model.decoder },
      tokens: model.tokens,
      numThreads: 1,
      provider: 'cpu',
    },
  });
  const decode = async (sound: Float32Array): Promise<string> => {
    const samples = new Float32Array(Math.max(SHORTEST, sound.length));
    samples.set(sound);
    const stream = recogniser.createStream();
    stream.acceptWaveform({ samples, sampleRate: RECOGNISER_RATE });
    const { text } = await recogniser.decodeAsync(stream);
    return text.trim();
  };
  // The first decoding is slow: better now than in somebody's first sentence.
  await decode(new Float32Array(RECOGNISER_RATE));
  return {
    scheduler: new Scheduler(atOnce),
    decode,
    createVad: () => inference.createVad(),
    vadWindow: inference.VAD_WINDOW_SAMPLES,
  };
}
