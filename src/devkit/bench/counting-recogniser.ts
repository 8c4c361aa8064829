import type {
  RecognisedWord,
  Recogniser,
  RecogniserEvents,
  RecogniserSession,
} from '../pulse-server/recogniser.js';

const RATE = 16_000;
const WORD_SAMPLES = 0.3 * RATE;
const WORDS_PER_FINAL = 5;

/** Costs nothing: a word every 300 ms of audio, whatever it is, an interim for each and a final for every fifth. */
export function createCountingRecogniser(): Recogniser {
  return {
    name: 'a counter',
    open: (_options, events) => new CountingSession(events),
    close: () => Promise.resolve(),
  };
}

class CountingSession implements RecogniserSession {
  private samples = 0;
  private unsettled: RecognisedWord[] = [];

  constructor(private readonly events: RecogniserEvents) {}

  push(samples: Int16Array): undefined {
    if (this.samples === 0) this.events.speechStarted(0);
    this.samples += samples.length;
    const words = Math.floor(this.samples / WORD_SAMPLES);
    const before = Math.floor((this.samples - samples.length) / WORD_SAMPLES);
    for (let word = before; word < words; word += 1) this.say(word);
  }

  flush(): Promise<readonly RecognisedWord[]> {
    const words = this.unsettled;
    this.unsettled = [];
    return Promise.resolve(words);
  }

  close(): void {
    this.unsettled = [];
  }

  private say(word: number): void {
    const start = (word * WORD_SAMPLES) / RATE;
    this.unsettled.push({ text: `word${word % 100}`, start, end: start + WORD_SAMPLES / RATE });
    if (this.unsettled.length < WORDS_PER_FINAL) {
      this.events.interim([...this.unsettled]);
    } else {
      this.events.final(this.unsettled, false);
      this.unsettled = [];
    }
  }
}
