import { basename } from 'node:path';

const NAME = /^(?<sid>[A-Za-z0-9_-]+)_(?<stamp>\d{8}T\d{9}Z)(?<taken>-\d+)?(?=$|\.)/;
const STAMP = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/;

export const JOURNAL_SUFFIX = '.jsonl';
/** Of the journal that a second pass makes from the first: beside it, and no part of its call. */
export const REFINED_SUFFIX = `.refined${JOURNAL_SUFFIX}`;

/**
 * The name of all files of one journal, without what follows the dot: such as `RM_abc_20261123T082400123Z`. Made of
 * the sid and the time alone: nothing that a file system, a shell or a URL could take for anything but a name.
 * @param epoch Unix milliseconds
 * @param taken how many others have this name
 */
export function transcriptName(sid: string, epoch: number, taken = 0): string {
  const stamp = new Date(epoch).toISOString().replace(/[-:.]/g, '');
  return `${safe(sid)}_${stamp}${taken === 0 ? '' : `-${taken + 1}`}`;
}

/** The part of a name that all journals of a sid share. */
export function namePrefix(sid: string): string {
  return `${safe(sid)}_`;
}

/** @returns what of a path or address all files of the same journal share; undefined where it is none of ours */
export function nameOf(path: string): string | undefined {
  return NAME.exec(basename(path))?.[0];
}

/** What a name tells of the journal, for one of which the beginning is damaged. */
export function parseName(path: string): { sid: string; epoch: number } | undefined {
  const groups = NAME.exec(basename(path))?.groups;
  const parts = STAMP.exec(groups?.['stamp'] ?? '')?.slice(1);
  if (!groups?.['sid'] || !parts) return undefined;
  const [year = 0, month = 0, day, hour, minute, second, ms] = parts.map(Number);
  const epoch = Date.UTC(year, month - 1, day, hour, minute, second, ms);
  return { sid: groups['sid'], epoch };
}

function safe(sid: string): string {
  return sid.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 64) || 'room';
}
