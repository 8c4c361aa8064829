import { batchParsers } from './batch.js';
import { captionParsers } from './captions.js';
import { configParsers } from './config.js';
import { journalParsers } from './journal.js';
import { openPageParsers } from './page.js';
import { pulseParsers } from './pulse.js';
import { roomParsers } from './room.js';
import { openStoreParsers } from './store.js';
import { openWorkerParsers, type OpenParsers } from './worker.js';

/** Everything here that reads what others send or wrote. */
export async function openParsers(): Promise<OpenParsers> {
  const worker = await openWorkerParsers();
  const page = await openPageParsers();
  const store = await openStoreParsers();
  return {
    parsers: [
      ...pulseParsers,
      ...batchParsers,
      ...roomParsers,
      ...captionParsers,
      ...journalParsers,
      ...store.parsers,
      ...worker.parsers,
      ...page.parsers,
      ...configParsers,
    ],
    async close() {
      await store.close();
      await page.close();
      await worker.close();
    },
  };
}
