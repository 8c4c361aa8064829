import { randomBytes } from 'node:crypto';

/**
 * A new id for a segment. Random, so that it is unique in the room even when another captioner was there before.
 */
export function newSegmentId(): string {
  return `SG_${randomBytes(9).toString('base64url')}`;
}
