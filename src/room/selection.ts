import {
  EncryptionType,
  ParticipantKind,
  TrackKind,
  TrackSource as LiveKitSource,
} from '@livekit/rtc-node';
import type { TrackSource } from '../captions/caption.js';

/** What has to be known of a participant and of one of its publications; rtc-node's own have it. */
export interface Publisher {
  readonly kind: ParticipantKind;
}
export interface Publication {
  readonly kind?: TrackKind | undefined;
  readonly source?: LiveKitSource | undefined;
  readonly encryptionType?: EncryptionType | undefined;
}

/** Only the backend can give somebody that kind. */
export function isAgent({ kind }: Publisher): boolean {
  return kind === ParticipantKind.AGENT;
}

/** Whether it is a person: neither an agent such as ourselves nor a recorder. */
export function isPerson({ kind }: Publisher): boolean {
  return kind !== ParticipantKind.AGENT && kind !== ParticipantKind.EGRESS;
}

/**
 * Whether the captioner listens to it: any audio of a person. Some publishers (SDKs, telephone and ingress bridges)
 * leave the source out, and those too are people who speak.
 */
export function isCaptioned(publication: Publication, participant: Publisher): boolean {
  return publication.kind === TrackKind.KIND_AUDIO && isPerson(participant);
}

/** Whether it is end-to-end encrypted: to whoever has no key it is noise. */
export function isEncrypted({ encryptionType }: Publication): boolean {
  return encryptionType !== undefined && encryptionType !== EncryptionType.NONE;
}

export function sourceOf({ source }: Publication): TrackSource {
  switch (source) {
    case LiveKitSource.SOURCE_MICROPHONE:
      return 'microphone';
    case LiveKitSource.SOURCE_SCREENSHARE_AUDIO:
      return 'screen_share_audio';
    default:
      return 'unknown';
  }
}
