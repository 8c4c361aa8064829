import { basename } from 'node:path';
import { type BatchAudio, type BatchCall, transcribe } from '../../pulse/batch.js';
import type { PulseBatchOptions } from '../../pulse/batch-options.js';
import { PulseError } from '../../pulse/errors.js';
import { TranscriptError } from '../errors.js';
import type { Scope } from './lane.js';
import { mutedWav } from './muted-wav.js';
import type { Recognised } from './recognised.js';
import type { Span } from './spans.js';
import type { Unheard } from './unheard.js';

/** A recording of a call, or of a part of it. */
export interface Recording {
  readonly file: string;
  readonly scope: Scope;
  /** Its beginning on the clock of the call. */
  readonly start: number;
}

/** What must not be heard of it, on the clock of the call. */
export function mutedIn({ scope, start }: Recording, unheard: Unheard, end: number): Span[] {
  const spans = scope.identity === undefined ? unheard.anybody : unheard.of(scope.identity);
  return spans.filter((span) => span.end > start && span.start < end);
}

/**
 * Has a recording recognised, with silence in the place of what must not be heard: that never leaves this machine.
 * @param muted on the clock of the call
 * @throws TranscriptError `not_muted`; PulseError
 */
export async function recognise(
  recording: Recording,
  muted: readonly Span[],
  options: PulseBatchOptions,
  call: BatchCall,
): Promise<Recognised> {
  const { scope, start } = recording;
  const result = await transcribe(await audioOf(recording, muted), options, call);
  if (result.type === 'processing') {
    throw new PulseError('protocol', 'Pulse wants to send its answer later: try again.');
  }
  return { scope, start, muted, language: options.language ?? 'en', result };
}

/** @throws TranscriptError `not_muted` */
export async function audioOf(
  { file, start, scope }: Recording,
  muted: readonly Span[],
): Promise<BatchAudio> {
  if (muted.length === 0) return { file };
  const spans = muted.map((span) => ({ start: span.start - start, end: span.end - start }));
  const audio = await mutedWav(file, spans).catch((cause: unknown) => {
    throw new PulseError('bad_options', `${file} cannot be read: give the path of an audio file.`, {
      cause,
    });
  });
  if (audio) return audio;
  const who = scope.identity === undefined ? 'somebody in the room' : scope.identity;
  throw new TranscriptError(
    'not_muted',
    `${basename(file)} also has times at which ${who} was not to be captioned. These are muted before anything is sent, which needs a WAV file: make one, such as by "ffmpeg -i ${basename(file)} recording.wav", and give that.`,
  );
}
