import { DisconnectReason, type Room } from '@livekit/rtc-node';

/**
 * Where captions go to:
 * - `there`: the room, also while its connection is made anew.
 * - `lost`: nowhere, although people may be in the room and wait for them.
 * - `over`: nowhere, and there is nobody to miss them, or somebody else captions them.
 */
export type Connection = 'there' | 'lost' | 'over';

/** @param reason of the room's `Disconnected`; undefined where there was none */
export function connectionOf(room: Room, reason: DisconnectReason | undefined): Connection {
  if (room.isConnected) return 'there';
  switch (reason) {
    case undefined:
    case DisconnectReason.CLIENT_INITIATED:
    case DisconnectReason.DUPLICATE_IDENTITY:
    case DisconnectReason.PARTICIPANT_REMOVED:
    case DisconnectReason.ROOM_DELETED:
    case DisconnectReason.ROOM_CLOSED:
      return 'over';
    default:
      return 'lost';
  }
}
