/** What subtitles are to be like, so that people can read them. Times are milliseconds. */
export const SHORTEST_MS = 1000;
export const LONGEST_MS = 7000;
/** Between two cues of one speaker, so that the change is seen. */
export const BETWEEN_MS = 80;
/** Behind its speech, so that the cue before it can be read. */
export const LONGEST_DELAY_MS = 1000;
/** A wide character counts as 42/16 of one: who reads Chinese reads fewer of them. */
export const CHARACTERS_PER_SECOND = 20;

/** How long a text of a width has to be shown to be read. */
export function readingMs(width: number): number {
  return Math.ceil((width * 1000) / CHARACTERS_PER_SECOND);
}
