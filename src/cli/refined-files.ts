import { basename, dirname, join, resolve } from 'node:path';
import { TranscriptError } from '../transcript/errors.js';
import { exportAll, transcriptText } from '../transcript/exports/index.js';
import type { PlacedPart } from '../transcript/merge.js';
import { JOURNAL_SUFFIX, REFINED_SUFFIX } from '../transcript/names.js';
import { readTranscript } from '../transcript/read.js';
import type { Refined } from '../transcript/refine/refined.js';
import { writeJournal } from '../transcript/refine/write.js';
import { sendRefined } from '../transcript/store/send-refined.js';
import { put } from './output.js';
import type { TranscriptPlaces } from './places.js';
import type { RefineCall } from './refine-call.js';

/** What was written of a refined transcript, the journal first; what of it belongs in the store, too. */
export interface RefinedFiles {
  readonly journal: string;
  readonly exports: readonly string[];
  /** Where somebody has asked for it. */
  readonly output: string | undefined;
}

/** Each file whole or not at all. @throws TranscriptError, UsageError */
export async function writeRefined(
  { formats, output }: RefineCall,
  parts: readonly PlacedPart[],
  { records }: Refined,
  places: TranscriptPlaces,
): Promise<RefinedFiles> {
  const journal = refinedPath(parts, places);
  await writeJournal(journal, records);
  const transcript = await readTranscript([journal]);
  const [format] = formats;
  if (output === undefined || format === undefined) {
    return { journal, exports: await exportAll(transcript, dirname(journal), formats), output };
  }
  await put(transcriptText(transcript, format), output);
  return { journal, exports: [], output };
}

/**
 * To the store, where there is one.
 * @throws TranscriptError `store_failed`
 */
export async function storeRefined(
  { journal, exports }: RefinedFiles,
  { store }: TranscriptPlaces,
): Promise<void> {
  if (!store) return;
  try {
    await sendRefined(journal, exports, store);
  } catch (cause) {
    if (!(cause instanceof TranscriptError)) throw cause;
    throw new TranscriptError(
      cause.code,
      `${cause.message} The refined transcript is whole in ${dirname(journal)}, and is sent by the next worker that has this folder as its TRANSCRIPT_DIR.`,
      { cause },
    );
  }
}

/** Beside the first journal, or in the folder of transcripts where that is somewhere else. */
function refinedPath(parts: readonly PlacedPart[], { directory }: TranscriptPlaces): string {
  const journal = parts[0]?.journal ?? '';
  const folder = journal.startsWith('s3://') ? resolve(directory ?? '') : dirname(journal);
  return join(folder, basename(journal, JOURNAL_SUFFIX) + REFINED_SUFFIX);
}
