import type { Room } from 'livekit-client';
import { type CaptionUpdate, readCaption } from './caption-update.js';
import { objectOf, parseJson } from './guards.js';

const METHOD = 'captions.backlog';
const MOST_PAGES = 20;

/**
 * Asks the captioner for what was said before we came, the newest first. Needs `canPublishData` in the token, as all
 * calls between participants do; rejects with LiveKit's `RpcError`.
 */
export async function loadBacklog(
  room: Pick<Room, 'localParticipant'>,
  destinationIdentity: string,
  take: (update: CaptionUpdate) => void,
): Promise<void> {
  let before: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await room.localParticipant.performRpc({
      destinationIdentity,
      method: METHOD,
      payload: JSON.stringify({ before }),
    });
    const { captions, more } = objectOf(parseJson(answer)) ?? {};
    const updates = (Array.isArray(captions) ? captions : [])
      .map(readCaption)
      .filter((update) => update !== undefined);
    for (const update of updates) take(update);
    before = updates[0]?.id;
    if (more !== true || before === undefined) return;
  }
}
