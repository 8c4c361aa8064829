/**
 * A captioner that says things into its transcript without a pause, and prints the id of each that counts as said.
 * A process of its own, for tests that kill it: `node journal-writer.js <folder>`.
 */
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../src/logging.js';
import { TranscriptStore } from '../../src/transcript/store/store.js';
import { caption } from './captions.js';

const [dir = ''] = process.argv.slice(2);
const silent = { error: () => undefined, warn: () => undefined, info: () => undefined };
const store = new TranscriptStore(
  { directory: dir, formats: ['json'] },
  silent as unknown as Logger,
);
const room = store.open({ room: { sid: 'RM_abc', name: 'Standup' }, epoch: Date.now() });
const began = performance.now();
const tag = `${process.pid}-${Math.random().toString(36).slice(2)}`;

async function talk(track: string): Promise<never> {
  for (let count = 0; ; count += 1) {
    const id = `SG_${tag}-${track}-${count}`;
    const start = performance.now() - began;
    const text = `${id} ${'and so on '.repeat(Math.floor(Math.random() ** 8 * 2000))}`;
    const said = {
      id,
      start,
      end: start + 1,
      track: { sid: track, source: 'microphone' } as const,
    };
    await room.journal.segment(caption(text, said));
    // At once, also where nobody reads: `process.stdout` would keep it.
    writeSync(1, `${id}\n`);
    await sleep(Math.random() * 4);
  }
}

await Promise.all(['TR_1', 'TR_2', 'TR_3'].map(talk));
