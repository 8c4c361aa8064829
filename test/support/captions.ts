import type { Caption } from '../../src/captions/caption.js';

/** A final caption of Alice, as a captioner whose clock began at `epoch` makes it. */
export function caption(text: string, rest: Partial<Caption> = {}): Caption {
  return {
    id: `SG_${text}`,
    rev: 4,
    final: true,
    text,
    settled: text.length,
    language: 'en',
    speaker: { identity: 'alice', name: 'Alice', label: 'Alice' },
    track: { sid: 'TR_1', source: 'microphone' },
    start: 1000,
    end: 2000,
    epoch: 0,
    ...rest,
  };
}
