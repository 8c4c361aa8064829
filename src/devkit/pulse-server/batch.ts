import type { IncomingMessage, ServerResponse } from 'node:http';
import { randomUUID } from 'node:crypto';
import { type BatchOptions, parseBatchQuery } from './batch-query.js';
import { answerError } from './http-answers.js';
import { RECOGNISER_RATE } from './recogniser.js';
import type { RecognisedWord, Recogniser } from './recogniser.js';
import { Resampler } from './resample.js';
import { AudioFormatError, readWav, type Sound } from './wav.js';
import { answeredLanguage, sentences, textOf, wireWords } from './wire-words.js';

/** Answers `POST /stt/`. The key has been checked. */
export async function answerBatch(
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
  recogniser: Recogniser,
  mostBytes: number,
): Promise<void> {
  const parsed = parseBatchQuery(query);
  if ('faults' in parsed) {
    answerError(response, { status: 400, message: parsed.faults.join('; ') });
    return;
  }
  if (request.headers['content-type']?.startsWith('application/json')) {
    answerError(response, {
      status: 400,
      message: 'this local stand-in fetches no urls: send the audio',
    });
    return;
  }
  const file = await readBody(request, mostBytes);
  if (file === 'too_large') {
    answerError(response, { status: 413, message: `the audio is over ${mostBytes} bytes` });
    return;
  }
  try {
    const sound = readWav(file);
    const words = await recognise(recogniser, sound);
    const answer = batchAnswer(parsed.options, words, sound, file.length);
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
  } catch (error) {
    if (!(error instanceof AudioFormatError)) throw error;
    answerError(response, { status: 400, message: error.message });
  }
}

async function readBody(
  request: IncomingMessage,
  mostBytes: number,
): Promise<Buffer | 'too_large'> {
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) return 'too_large';
  const chunks: Buffer[] = [];
  let length = 0;
  const reader: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of reader) {
    length += chunk.length;
    if (length > mostBytes) return 'too_large';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function recognise(recogniser: Recogniser, sound: Sound): Promise<RecognisedWord[]> {
  const words: RecognisedWord[] = [];
  let failure: unknown;
  const session = recogniser.open(
    { silenceMs: 600, finalizeOnWords: false, interims: false },
    {
      speechStarted: () => undefined,
      silence: () => undefined,
      speechEnded: () => undefined,
      interim: () => undefined,
      final: (final) => words.push(...final),
      failed: (error) => (failure = error),
    },
  );
  try {
    const resampler = new Resampler(sound.sampleRate);
    for (let at = 0; at < sound.samples.length; at += RECOGNISER_RATE) {
      await session.push(resampler.push(sound.samples.slice(at, at + RECOGNISER_RATE)));
    }
    await session.push(resampler.end());
    words.push(...(await session.flush(true)));
    if (failure !== undefined) throw new Error('the recogniser failed', { cause: failure });
    return words;
  } finally {
    session.close();
  }
}

function batchAnswer(
  options: BatchOptions,
  words: readonly RecognisedWord[],
  sound: Sound,
  fileSize: number,
): object {
  const shown = wireWords(words, { punctuate: true, capitalize: true });
  const pro = options.model === 'pulse-pro';
  return {
    status: 'success',
    transcription: textOf(shown),
    ...(options.wordTimestamps && { words: shown }),
    ...(options.wordTimestamps && !pro && { utterances: sentences(shown) }),
    ...(pro && { language: answeredLanguage(options.language), request_id: randomUUID() }),
    metadata: { duration: sound.samples.length / sound.sampleRate, fileSize },
  };
}
