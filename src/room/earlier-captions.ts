import type { LocalParticipant } from '@livekit/rtc-node';
import { join } from 'node:path';
import { z } from 'zod';
import type { Caption } from '../captions/caption.js';
import { captionMessage } from '../captions/schema.js';
import { BACKLOG_METHOD } from '../publish/backlog-pages.js';
import { journalsOf } from '../transcript/folder.js';
import { readTranscript } from '../transcript/read.js';

/** Of `BacklogPage`; what of it is not understood is left out. */
const page = z.object({
  captions: z.array(captionMessage.nullable().catch(null)),
  more: z.boolean(),
});

/** More than a hundred captions need, of whatever length. */
const MOST_PAGES = 120;
const ANSWER_MS = 5000;

/** What the captioner of this identity has said lately. @throws RpcError */
export async function askForBacklog(
  self: Pick<LocalParticipant, 'performRpc'>,
  destinationIdentity: string,
): Promise<Caption[]> {
  const captions: Caption[] = [];
  for (let count = 0; count < MOST_PAGES; count += 1) {
    const before = captions[0]?.id;
    const answer = await self.performRpc({
      destinationIdentity,
      method: BACKLOG_METHOD,
      payload: JSON.stringify({ before }),
      responseTimeout: ANSWER_MS,
    });
    const { captions: known, more } = page.parse(JSON.parse(answer));
    const fresh = known.filter((caption) => caption !== null);
    captions.unshift(...fresh.map(finalOf));
    if (!more || fresh.length === 0) break;
  }
  return captions;
}

/**
 * What captioners of a room that have died on this machine have said, by their journals.
 * @param sid of the room
 * @throws TranscriptError `unreadable`
 */
export async function captionsInJournals(dir: string, sid: string): Promise<Caption[]> {
  const journals = await journalsOf(dir, sid);
  if (journals.length === 0) return [];
  const { segments, epoch } = await readTranscript(journals.map((file) => join(dir, file)));
  return segments.map((segment) =>
    finalOf({ ...segment, track: captionMessage.shape.track.parse(segment.track), epoch }),
  );
}

/** @param epoch of the clock that its times are to be on */
export function onClock(caption: Caption, epoch: number): Caption {
  const shift = caption.epoch - epoch;
  return { ...caption, start: caption.start + shift, end: caption.end + shift, epoch };
}

function finalOf(caption: Omit<Caption, 'final' | 'settled' | 'words'>): Caption {
  const { id, rev, text, language, speaker, track, start, end, epoch } = caption;
  const settled = text.length;
  return { id, rev, final: true, text, settled, language, speaker, track, start, end, epoch };
}
