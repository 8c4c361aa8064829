import { DelayLine } from '../delay-line.js';
import type {
  RecognisedWord,
  Recogniser,
  RecogniserEvents,
  RecogniserSession,
  SessionOptions,
} from '../recogniser.js';
import { ToneReader } from './tone-reader.js';
import { WordReader } from './word-reader.js';

export { VOCABULARY } from './alphabet.js';
export { encodeWords, wordSpans } from './encode.js';
export type { EncodeOptions } from './encode.js';

export interface ExactOptions {
  /** With `finalize_on_words`: a final as soon as there are this many words. Default 4. */
  readonly wordsPerFinal?: number;
  /** Each answer comes this long after the sound that it is about arrived. Default 0. */
  readonly latencyMs?: number;
  /** Every so many words a sentence ends: a full stop, and a capital after it. Default: no punctuation. */
  readonly sentenceWords?: number;
}

const RATE = 16_000;

/** For tests: reads back what `encodeWords` wrote, word for word, with its times. Any other sound is silence to it. */
export function createExactRecogniser(options: ExactOptions = {}): Recogniser {
  const sessions = new Set<ExactSession>();
  return {
    name: 'the sound alphabet of the tests',
    open(sessionOptions, events) {
      const session = new ExactSession(options, sessionOptions, events, () =>
        sessions.delete(session),
      );
      sessions.add(session);
      return session;
    },
    close() {
      for (const session of [...sessions]) session.close();
      return Promise.resolve();
    },
  };
}

class ExactSession implements RecogniserSession {
  private readonly line = new DelayLine();
  private readonly tones: ToneReader;
  private readonly words: WordReader;
  private readonly silence: number;
  private unsettled: RecognisedWord[] = [];
  private wordsSaid = 0;
  private speaking = false;
  private lastBurst = 0;
  private readonly flushes = new Set<() => void>();
  private closed = false;

  constructor(
    private readonly exact: ExactOptions,
    private readonly options: SessionOptions,
    private readonly events: RecogniserEvents,
    private readonly onClose: () => void,
  ) {
    this.silence = (options.silenceMs / 1000) * RATE;
    this.words = new WordReader(
      (start, end) => this.hearBurst(start, end),
      (word) => this.hearWord(word),
    );
    this.tones = new ToneReader((frame) => {
      this.words.push(frame);
      if (this.speaking && frame.at - this.lastBurst >= this.silence) this.endSpeech();
    });
  }

  push(samples: Int16Array): undefined {
    if (!this.closed) this.tones.push(samples);
  }

  /** A word of which the end is missing is kept: it comes with the words of the sound that follows. */
  flush(): Promise<readonly RecognisedWord[]> {
    this.words.flush();
    const rest = this.unsettled;
    this.unsettled = [];
    if (this.closed) return Promise.resolve([]);
    return new Promise((resolve) => {
      const dropped = () => resolve([]);
      this.flushes.add(dropped);
      this.say(() => {
        this.flushes.delete(dropped);
        resolve(rest);
      });
    });
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.line.close();
    for (const drop of this.flushes) drop();
    this.onClose();
  }

  private hearBurst(start: number, end: number): void {
    this.lastBurst = end;
    if (this.speaking) return;
    this.speaking = true;
    this.say(() => this.events.speechStarted(start / RATE));
  }

  private hearWord(word: RecognisedWord): void {
    this.unsettled.push(this.punctuated(word));
    const words = [...this.unsettled];
    if (this.options.finalizeOnWords && words.length >= (this.exact.wordsPerFinal ?? 4)) {
      this.unsettled = [];
      this.say(() => this.events.final(words, false));
    } else if (this.options.interims) {
      this.say(() => this.events.interim(words));
    }
  }

  private endSpeech(): void {
    this.speaking = false;
    const at = this.lastBurst / RATE;
    const words = this.unsettled;
    this.unsettled = [];
    this.say(() => this.events.silence(at));
    this.say(() => this.events.final(words, true));
    this.say(() => this.events.speechEnded(at));
  }

  private punctuated(word: RecognisedWord): RecognisedWord {
    const length = this.exact.sentenceWords;
    const place = this.wordsSaid;
    this.wordsSaid += 1;
    if (length === undefined) return word;
    const begins = place % length === 0;
    const text = begins ? word.text.charAt(0).toUpperCase() + word.text.slice(1) : word.text;
    return { ...word, text: place % length === length - 1 ? `${text}.` : text };
  }

  private say(run: () => void): void {
    this.line.add(this.exact.latencyMs ?? 0, run);
  }
}
