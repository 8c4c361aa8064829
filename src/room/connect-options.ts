import { EncryptionType, type RoomOptions } from '@livekit/rtc-node';

/**
 * How the captioner connects to a room: it hears nothing unless it chooses to.
 * @param sharedKey of end-to-end encrypted rooms, as people's apps have it. Captions are then encrypted, too.
 */
export function connectOptions(sharedKey?: string): RoomOptions {
  return {
    autoSubscribe: false,
    dynacast: false,
    ...(sharedKey === undefined ? {} : { encryption: encryptionWith(sharedKey) }),
  };
}

function encryptionWith(sharedKey: string): NonNullable<RoomOptions['encryption']> {
  return {
    keyProviderOptions: { sharedKey: new TextEncoder().encode(sharedKey) },
    encryptionType: EncryptionType.GCM,
  };
}
