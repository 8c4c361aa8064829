import { type LocalParticipant, RpcError } from '@livekit/rtc-node';
import type { Caption } from '../captions/caption.js';
import { BACKLOG_METHOD, backlogPage, BacklogRequestError } from '../publish/backlog-pages.js';

/** As HTTP has it; LiveKit keeps 1001 to 1999 for itself. */
const BAD_REQUEST = 400;

/**
 * Answers `captions.backlog` (see `backlogPage`) as long as the room lasts.
 * @param backlog what was said, in this order
 */
export function serveBacklog(
  self: Pick<LocalParticipant, 'registerRpcMethod'>,
  backlog: () => readonly Caption[],
): void {
  self.registerRpcMethod(BACKLOG_METHOD, ({ payload }) => {
    try {
      return Promise.resolve(backlogPage(payload, backlog()));
    } catch (error) {
      if (!(error instanceof BacklogRequestError)) throw error;
      return Promise.reject(new RpcError(BAD_REQUEST, error.message));
    }
  });
}
