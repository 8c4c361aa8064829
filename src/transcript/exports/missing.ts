import type { Transcript } from '../transcript.js';
import { clock } from './clock.js';
import { lengthOf } from './spans.js';

/** What is known to be missing from a transcript, for people, a line each. */
export function missingFrom({ parts, gaps }: Transcript): string[] {
  const damaged = parts.reduce((sum, { damagedLines }) => sum + damagedLines, 0);
  return [
    ...parts
      .filter(({ complete }) => !complete)
      .map(
        ({ to }) =>
          `what came after ${clock(to)} in a journal without an end: the call goes on, or was cut off`,
      ),
    ...(damaged > 0 ? [`${count(damaged, 'line')} of the journal that could not be read`] : []),
    ...(gaps.length > 0
      ? [
          `${count(gaps.length, 'piece')} of audio, ${seconds(lengthOf(gaps))} in all, lost before recognition`,
        ]
      : []),
  ];
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
