import { z } from 'zod';
import type { Caption } from '../captions/caption.js';
import { type CaptionMessage, encodeMessage, MAX_MESSAGE_BYTES } from '../captions/schema.js';

/** The RPC by which a participant asks the captioner for what was said before they came. */
export const BACKLOG_METHOD = 'captions.backlog';

const MOST_CAPTIONS = 100;
/** Of what is asked, in characters: an id and a number. */
const LONGEST_REQUEST = 1000;

const request = z.object({
  /** The id of a segment: only what was said before it. Without one, the newest. */
  before: z.string().min(1).max(200).optional(),
  /** At most so many segments; there may be fewer, as many as fit into one answer. */
  limit: z.int().positive().default(MOST_CAPTIONS),
});

/** The answer to `captions.backlog`, as JSON. */
export interface BacklogPage {
  readonly v: 1;
  /** Final segments as data messages have them, but without their words; oldest first. */
  readonly captions: readonly CaptionMessage[];
  /** Whether there is more before the first one: ask again with its id as `before`. */
  readonly more: boolean;
}

/** The request cannot be understood; its message says what to send. */
export class BacklogRequestError extends Error {
  override readonly name = 'BacklogRequestError';
  readonly code = 'bad_request';
}

/**
 * @param payload of the call: JSON `{"before"?, "limit"?}`, or nothing
 * @param backlog in the order in which it was said
 * @returns a `BacklogPage` as JSON of at most 15 kB: of a segment that is longer than that alone the end is cut off
 * @throws BacklogRequestError
 */
export function backlogPage(payload: string, backlog: readonly Caption[]): string {
  const { before, limit } = readRequest(payload);
  const end = before === undefined ? backlog.length : placeOf(before, backlog);
  const captions: string[] = [];
  let bytes = 0;
  let next = end - 1;
  for (; next >= 0 && captions.length < Math.min(limit, MOST_CAPTIONS); next -= 1) {
    const caption = backlog[next];
    if (!caption) break;
    const message = withoutWords(caption);
    const size = Buffer.byteLength(message) + 1;
    if (captions.length > 0 && bytes + size > MAX_MESSAGE_BYTES - ENVELOPE_BYTES) break;
    captions.unshift(message);
    bytes += size;
  }
  return `{"v":1,"captions":[${captions.join(',')}],"more":${next >= 0}}`;
}

const ENVELOPE_BYTES = 40;

function readRequest(payload: string): z.infer<typeof request> {
  try {
    if (payload.length > LONGEST_REQUEST) throw new SyntaxError('too long');
    const parsed = request.safeParse(payload.trim() === '' ? {} : JSON.parse(payload));
    if (parsed.success) return parsed.data;
  } catch {
    // Too long, or not JSON: answered like JSON that is none of ours.
  }
  throw new BacklogRequestError(
    'send JSON like {"before": "<id of a segment>", "limit": 50}; both may be left out',
  );
}

/** One that is not known any more was older than all that is kept. */
function placeOf(id: string, backlog: readonly Caption[]): number {
  return Math.max(
    0,
    backlog.findIndex((caption) => caption.id === id),
  );
}

function withoutWords(caption: Caption): string {
  const { id, rev, final, text, settled, language, speaker, track, start, end, epoch } = caption;
  const bytes = encodeMessage({
    ...{ id, rev, final, text, settled, language, speaker, track, start, end, epoch },
  });
  return new TextDecoder().decode(bytes);
}
