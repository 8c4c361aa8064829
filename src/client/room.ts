import type { Participant, Room } from 'livekit-client';

/** The part of LiveKit's `Room` that captions are read from. Its types alone: the app brings the client. */
export type CaptionRoom = Pick<
  Room,
  | 'on'
  | 'off'
  | 'state'
  | 'localParticipant'
  | 'remoteParticipants'
  | 'getParticipantByIdentity'
  | 'registerTextStreamHandler'
  | 'unregisterTextStreamHandler'
>;

/** What somebody wants of their own captions; `undefined` where they have said nothing. */
export interface OwnCaptions {
  /** The language that they speak: a code, or `auto`. */
  readonly language: string | undefined;
  /** `false`: what they say is never sent to a recogniser. */
  readonly enabled: boolean;
}

export function ownCaptions({ attributes }: Pick<Participant, 'attributes'>): OwnCaptions {
  return {
    language: attributes['captions.language'] || undefined,
    enabled: attributes['captions.enabled'] !== 'false',
  };
}

/**
 * Says which language I speak (a code, or `auto`; `undefined`: the room's), or that I am not to be captioned.
 * The token needs `canUpdateOwnMetadata`; rejects with LiveKit's error where it has it not.
 */
export async function setOwnCaptions(
  room: Pick<Room, 'localParticipant'>,
  { language, enabled }: Partial<OwnCaptions>,
): Promise<void> {
  await room.localParticipant.setAttributes({
    ...(language !== undefined && { 'captions.language': language }),
    ...(enabled !== undefined && { 'captions.enabled': enabled ? '' : 'false' }),
  });
}
