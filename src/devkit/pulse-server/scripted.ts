import type {
  RecognisedWord,
  Recogniser,
  RecogniserEvents,
  RecogniserSession,
  SessionOptions,
} from './recogniser.js';

/** A session that says what it is told to say. */
export class ScriptedSession implements RecogniserSession {
  /** Samples that were pushed, at 16 kHz. */
  samples = 0;
  closed = false;
  /** What the next `flush` answers. */
  rest: readonly RecognisedWord[] = [];

  constructor(
    readonly options: SessionOptions,
    /** Call these to make the server speak. */
    readonly events: RecogniserEvents,
  ) {}

  push(samples: Int16Array): undefined {
    this.samples += samples.length;
  }

  flush(): Promise<readonly RecognisedWord[]> {
    const { rest } = this;
    this.rest = [];
    return Promise.resolve(rest);
  }

  close(): void {
    this.closed = true;
  }
}

/** For tests that put the words into the server's mouth one by one. */
export class ScriptedRecogniser implements Recogniser {
  readonly name = 'a script';
  readonly sessions: ScriptedSession[] = [];
  closed = false;
  private readonly waiting: ((session: ScriptedSession) => void)[] = [];

  open(options: SessionOptions, events: RecogniserEvents): ScriptedSession {
    const session = new ScriptedSession(options, events);
    this.sessions.push(session);
    this.waiting.shift()?.(session);
    return session;
  }

  /** The next session that opens. */
  next(): Promise<ScriptedSession> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

/** Words of half a second each, with a tenth between them. */
export function scriptedWords(text: string, start = 0): RecognisedWord[] {
  return text.split(' ').map((word, index) => ({
    text: word,
    start: start + 0.6 * index,
    end: start + 0.6 * index + 0.5,
  }));
}
