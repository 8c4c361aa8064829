import { setImmediate } from 'node:timers/promises';
import type { Caption } from '../../../captions/caption.js';
import { Segmenter } from '../../../captions/segmenter.js';
import { describeSpeaker } from '../../../captions/speaker.js';
import { Pacer } from '../../../publish/pacer.js';
import { Publisher } from '../../../publish/publisher.js';
import { VirtualClock } from '../../virtual-clock.js';
import { Delays } from './delays.js';
import { Flicker } from './flicker.js';
import type { Script } from './script.js';
import { WireMeter } from './wire-meter.js';

/** What came to a reader of the captions of one person. */
export interface Reading {
  /** The recogniser's text as it came, and the captions. */
  readonly raw: Flicker;
  readonly shown: Flicker;
  /** Milliseconds for each word: until it was in a segment, and until it was sent. */
  readonly segmenting: readonly number[];
  readonly sending: readonly number[];
  readonly updates: number;
  readonly minutes: number;
  readonly wire: WireMeter;
}

/** Reads a script from the segmenter and the publisher in virtual time, as a room would. */
export async function read(script: Script, intervalMs: number): Promise<Reading> {
  const clock = new VirtualClock();
  const wire = new WireMeter();
  const raw = new Flicker();
  const shown = new Flicker();
  const segmenting = new Delays();
  const sending = new Delays();
  let updates = 0;
  const publisher = new Publisher({
    channel: wire,
    outputs: ['streams', 'segments', 'data'],
    intervalMs: 0,
    onError: (error) => {
      throw error;
    },
  });
  const pacer = new Pacer({
    intervalMs,
    clock,
    send: (caption) => {
      updates += 1;
      shown.see(caption);
      sending.show(clock.now(), caption);
      publisher.publish(caption);
    },
  });
  const segmenter = newSegmenter();
  const take = (captions: readonly Caption[]): void => {
    for (const caption of captions) {
      segmenting.show(clock.now(), caption);
      pacer.push(caption);
    }
  };
  let settled = '';
  for (const { at, event } of script) {
    clock.pass(Math.max(0, at - clock.now()));
    segmenting.hear(at, event);
    sending.hear(at, event);
    if (event.type === 'final') settled = `${settled} ${event.text}`.trim();
    if (event.type === 'final' || event.type === 'interim') {
      const text = event.type === 'final' ? settled : `${settled} ${event.text}`;
      raw.see({ id: '', text, settled: settled.length, final: false });
    }
    take(segmenter.on(event));
    await setImmediate();
  }
  take(segmenter.end());
  raw.see({ id: '', text: settled, settled: settled.length, final: true });
  await publisher.close();
  const minutes = clock.now() / 60_000;
  return { raw, shown, segmenting: segmenting.all, sending: sending.all, updates, minutes, wire };
}

function newSegmenter(): Segmenter {
  let count = 0;
  const speaker = describeSpeaker({ identity: 'alice', name: 'Alice Ng', source: 'microphone' });
  return new Segmenter({
    track: { sid: 'TR_xxxxxxxxxxxxxx', source: 'microphone' },
    speaker: () => speaker,
    epoch: Date.now(),
    newId: () => `SG_${String((count += 1)).padStart(12, 'x')}`,
    defaultLanguage: 'en',
  });
}
