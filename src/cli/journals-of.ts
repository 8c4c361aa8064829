import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { callBeside } from '../transcript/call-beside.js';
import { TranscriptError } from '../transcript/errors.js';
import { findCalls } from '../transcript/lookup.js';
import type { JournalPart } from '../transcript/merge.js';
import { readParts } from '../transcript/read.js';
import { transcriptPlaces } from './places.js';

/**
 * The journals of a call.
 * @param target the path of one of them, or the name or sid of a room, of which the latest call is taken
 * @throws TranscriptError `unreadable`, `store_failed`; UsageError
 */
export async function journalsOf(target: string, env: NodeJS.ProcessEnv): Promise<JournalPart[]> {
  const file = await stat(target).catch(() => undefined);
  if (file?.isFile()) return readParts((await callBeside(resolve(target))).paths);
  const places = transcriptPlaces(env);
  const found = await findCalls(target, places);
  try {
    const latest = found.calls.at(-1);
    if (latest) return await readParts(latest.parts.map(({ source }) => source));
    throw new TranscriptError(
      'unreadable',
      `There is no journal at ${target}, and no call of a room of that name in ${places.names.join(' or ')}: check the name, TRANSCRIPT_DIR and TRANSCRIPT_STORE.`,
    );
  } finally {
    await found.close();
  }
}
