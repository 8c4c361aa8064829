import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { NAME, VERSION } from '../version.js';
import { backoffMs } from './backoff.js';
import { type BatchResult, parseBatchAnswer } from './batch-answer.js';
import { batchQuery, checkBatchOptions, type PulseBatchOptions } from './batch-options.js';
import { errorFromNetwork, errorFromStatus, parseRetryAfter, PulseError } from './errors.js';
import { DEFAULT_BASE_URL } from './options.js';
import { reasonIn } from './socket.js';

export type { BatchResult, BatchTranscript } from './batch-answer.js';

/**
 * A file of any format that the API takes, the bytes of one, what gives them anew for each try, or (with `pulse`) an
 * address it is fetched from.
 */
export type BatchAudio =
  | { readonly file: string }
  | { readonly bytes: Uint8Array }
  | { readonly size: number; readonly open: () => Readable }
  | { readonly url: string };

export interface BatchCall {
  readonly signal?: AbortSignal;
  /** Called as the audio goes out, once more with the total at its end. */
  readonly onProgress?: (sentBytes: number, totalBytes: number) => void;
}

const MAX_BYTES = 250 * 1024 * 1024;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * Recognises a whole recording. A 429, a 5xx and a broken connection are tried again.
 *
 * @throws PulseError, also for a file that is not there (`bad_options`) or too large (`too_large`), before anything
 *   is sent.
 */
export async function transcribe(
  audio: BatchAudio,
  options: PulseBatchOptions,
  call: BatchCall = {},
): Promise<BatchResult> {
  checkBatchOptions(options);
  const body = await openBody(audio, options);
  for (let failures = 1; ; failures += 1) {
    try {
      return await attempt(body, options, call);
    } catch (error) {
      if (call.signal?.aborted) throw error;
      if (!(error instanceof PulseError) || !error.retryable) throw error;
      if (failures > (options.retries ?? 4)) throw error;
      const wait = backoffMs(failures, error, Math.random());
      await delay(wait, undefined, call.signal ? { signal: call.signal } : {});
    }
  }
}

interface Body {
  readonly type: string;
  readonly size: number;
  open(): Readable;
}

async function openBody(audio: BatchAudio, options: PulseBatchOptions): Promise<Body> {
  if ('url' in audio) {
    if (options.model === 'pulse-pro') {
      throw new PulseError('bad_options', 'pulse-pro takes the audio itself, not an address.');
    }
    const json = Buffer.from(JSON.stringify({ url: audio.url }));
    return { type: 'application/json', size: json.length, open: () => Readable.from([json]) };
  }
  const type = 'application/octet-stream';
  if ('bytes' in audio) {
    const { bytes } = audio;
    return checked({ type, size: bytes.length, open: () => Readable.from([bytes]) });
  }
  if ('open' in audio) return checked({ type, size: audio.size, open: audio.open });
  const { file } = audio;
  const info = await stat(file).catch((cause: unknown) => {
    throw new PulseError('bad_options', `${file} cannot be read: give the path of an audio file.`, {
      cause,
    });
  });
  return checked({ type, size: info.size, open: () => createReadStream(file) });
}

function checked(body: Body): Body {
  if (body.size === 0) throw new PulseError('bad_options', 'There is no audio in it.');
  if (body.size > MAX_BYTES) throw errorFromStatus(413, '');
  return body;
}

async function attempt(
  body: Body,
  options: PulseBatchOptions,
  call: BatchCall,
): Promise<BatchResult> {
  const base = (options.baseUrl ?? DEFAULT_BASE_URL).replace(/\/+$/, '');
  const url = new URL(`${base}/stt/`);
  url.search = batchQuery(options).toString();
  const timeout = AbortSignal.timeout(options.timeoutMs ?? 600_000);
  const signal = call.signal ? AbortSignal.any([call.signal, timeout]) : timeout;
  try {
    const response = await send(url, body, options.apiKey, signal, call.onProgress);
    return await read(response);
  } catch (error) {
    if (error instanceof PulseError || call.signal?.aborted) throw error;
    if (timeout.aborted) {
      throw new PulseError(
        'timeout',
        'Pulse did not answer in time: raise timeoutMs, or split the audio.',
        {
          cause: error,
        },
      );
    }
    throw errorFromNetwork(error instanceof Error ? error : new Error(String(error)));
  }
}

/** The answer may come before the whole body is sent: a refusal. */
function send(
  url: URL,
  body: Body,
  apiKey: string,
  signal: AbortSignal,
  onProgress: BatchCall['onProgress'],
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      method: 'POST',
      signal,
      headers: {
        Authorization: `Bearer ${apiKey}`,
        'Content-Type': body.type,
        'Content-Length': body.size,
        'X-Source': NAME,
        'X-Source-Version': VERSION,
      },
    });
    request.on('response', resolve).on('error', reject);
    let sent = 0;
    const audio = body.open().on('data', (chunk: Uint8Array) => {
      sent += chunk.length;
      onProgress?.(sent, body.size);
    });
    pipeline(audio, request).catch(reject);
  });
}

async function read(response: IncomingMessage): Promise<BatchResult> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new PulseError('protocol', "Pulse's answer is too large.");
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  const status = response.statusCode ?? 0;
  const header = response.headers['x-request-id'];
  const requestId = Array.isArray(header) ? header[0] : header;
  if (status !== 200) {
    throw errorFromStatus(status, reasonIn(text), {
      requestId: requestId ?? requestIdIn(text),
      retryAfterMs: parseRetryAfter(response.headers['retry-after'], Date.now()),
    });
  }
  return parseBatchAnswer(text, requestId);
}

function requestIdIn(body: string): string | undefined {
  return /"request_id"\s*:\s*"([^"]{1,128})"/.exec(body)?.[1];
}
