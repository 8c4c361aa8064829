import { parseStoreLocation, type StoreLocation } from '../transcript/store/location.js';
import { UsageError } from './output.js';

/** Where transcripts are: on this machine, and in the store. */
export interface TranscriptPlaces {
  readonly directory: string | undefined;
  readonly store: StoreLocation | undefined;
  /** As they were given. */
  readonly names: readonly string[];
}

/** As the environment has them. @throws UsageError */
export function transcriptPlaces(env: NodeJS.ProcessEnv): TranscriptPlaces {
  const directory = env['TRANSCRIPT_DIR']?.trim() ?? './transcripts';
  const address = env['TRANSCRIPT_STORE']?.trim();
  const store = address ? parseStoreLocation(address) : undefined;
  if (address && !store) throw new UsageError('TRANSCRIPT_STORE has to be s3://bucket/prefix');
  const names = [directory, address ?? ''].filter(Boolean);
  return { directory: directory || undefined, store, names };
}
