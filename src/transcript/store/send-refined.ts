import { Exporter } from './exporter.js';
import type { StoreLocation } from './location.js';
import { Marker } from './marker.js';
import { ObjectStore } from './objects.js';
import { newCounters } from './status.js';
import { UnfinishedTranscript } from './unfinished.js';
import { Uploads } from './uploads.js';

/**
 * Brings the transcript of a second pass to the store. What cannot be sent is marked, so that the next worker that has
 * its folder sends it.
 * @param journal path of the refined journal
 * @param exports paths of what was made of it
 * @throws TranscriptError `store_failed`
 */
export async function sendRefined(
  journal: string,
  exports: readonly string[],
  location: StoreLocation,
): Promise<void> {
  const marker = await Marker.adopt(journal);
  await marker.save({ exports: [...exports], stored: false, ended: Date.now() });
  const counters = newCounters();
  const objects = new ObjectStore(location);
  const exporter = new Exporter();
  const uploads = new Uploads(objects, counters);
  const destinations = { formats: [], exporter, uploads, webhook: undefined, counters };
  try {
    await new UnfinishedTranscript(journal, marker, destinations).finish();
  } catch (error) {
    await marker.release();
    throw error;
  } finally {
    await exporter.close();
    await objects.close();
  }
}
