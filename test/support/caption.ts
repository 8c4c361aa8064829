import type { Caption } from '../../src/captions/caption.js';

/** A state of a segment, as Alice says it. */
export function caption(rest: Partial<Caption> = {}): Caption {
  return {
    id: 'SG_1',
    rev: 0,
    final: false,
    text: 'so the plan',
    settled: 0,
    language: 'en',
    speaker: { identity: 'alice', name: 'Alice', label: 'Alice (screen)' },
    track: { sid: 'TR_1', source: 'screen_share_audio' },
    start: 1200,
    end: 1900,
    epoch: 1_700_000_000_000,
    ...rest,
  };
}
