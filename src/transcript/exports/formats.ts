/** The forms in which people need a transcript; each is the ending of its file too. */
export const FORMATS = ['vtt', 'srt', 'json', 'txt', 'md'] as const;
export type Format = (typeof FORMATS)[number];
