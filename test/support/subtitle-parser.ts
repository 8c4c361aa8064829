import { parse } from '@plussub/srt-vtt-parser';

export interface ParsedCue {
  readonly id: string;
  /** Milliseconds. */
  readonly from: number;
  readonly to: number;
  /** With its tags and escapes. */
  readonly text: string;
}

/** What somebody else's parser reads in a WebVTT or SubRip file. Its own types are not found by TypeScript. */
export const parseSubtitles: (file: string) => { readonly entries: readonly ParsedCue[] } = parse;
