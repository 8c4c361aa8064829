import type { LiveOptions } from './live-query.js';
import type { RecognisedWord } from './recogniser.js';
import { answeredLanguage, sentences, textOf, toMillisecond, wireWords } from './wire-words.js';

/** What a final says beyond its words. */
export interface FinalMarks {
  readonly isLast?: boolean;
  readonly fromFinalize?: boolean;
  readonly speechFinal?: boolean;
}

/** Makes the messages of one stream, in the vendor's wire format. */
export class MessageWriter {
  /** Text of the finals so far. */
  private settled = '';

  constructor(
    private readonly sessionId: string,
    private readonly options: LiveOptions,
  ) {}

  interim(words: readonly RecognisedWord[]): string {
    const { common } = this.transcription(words);
    return JSON.stringify({ ...common, is_final: false, is_last: false });
  }

  final(words: readonly RecognisedWord[], marks: FinalMarks): string {
    const { common, shown } = this.transcription(words);
    this.settled = joined(this.settled, common.transcript);
    const language = answeredLanguage(this.options.language);
    return JSON.stringify({
      ...common,
      is_final: true,
      is_last: marks.isLast ?? false,
      language,
      languages: [language],
      ...(this.options.sentenceTimestamps && { utterances: sentences(shown) }),
      ...(marks.fromFinalize && { from_finalize: true }),
      ...(marks.speechFinal && { speech_final: true }),
    });
  }

  speech(type: 'speech_started' | 'speech_ended', at: number): string {
    return JSON.stringify({ type, session_id: this.sessionId, timestamp: toMillisecond(at) });
  }

  private transcription(words: readonly RecognisedWord[]) {
    const shown = wireWords(words, this.options);
    const transcript = textOf(shown);
    const common = {
      type: 'transcription',
      status: 'success',
      session_id: this.sessionId,
      transcript,
      ...(this.options.wordTimestamps && { words: shown }),
      ...(this.options.fullTranscript && { full_transcript: joined(this.settled, transcript) }),
    };
    return { common, shown };
  }
}

export function errorMessage(message: string): string {
  return JSON.stringify({ type: 'error', status: 'error', message });
}

function joined(before: string, after: string): string {
  return before === '' || after === '' ? before + after : `${before} ${after}`;
}
