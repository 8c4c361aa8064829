import { useEffect, useState, useSyncExternalStore } from 'react';
import { noCaptioner } from './captioner.js';
import type { CaptionRoom } from './room.js';
import { type CaptionsSnapshot, RoomCaptions, type RoomCaptionsOptions } from './room-captions.js';

const NOTHING: CaptionsSnapshot = { segments: [], captioner: noCaptioner('disconnected') };

/**
 * The captions of a room, and renders again when they change. Give it the room, which it then listens to while the
 * component is there, or a `RoomCaptions` of your own, which several components can share.
 *
 * @param options are read when the room is another than before
 */
export function useCaptions(
  source: CaptionRoom | RoomCaptions | undefined,
  options?: RoomCaptionsOptions,
): CaptionsSnapshot {
  const [own, setOwn] = useState<RoomCaptions>();
  const given = source instanceof RoomCaptions ? source : undefined;
  const room = source instanceof RoomCaptions ? undefined : source;
  useEffect(() => {
    if (!room) return undefined;
    const made = new RoomCaptions(room, options);
    setOwn(made);
    return () => {
      made.close();
      setOwn(undefined);
    };
    // Options are most often written in place, and then new each time: they do not count.
  }, [room]);
  const captions = given ?? own;
  return useSyncExternalStore(
    captions?.subscribe ?? subscribeToNothing,
    captions?.getSnapshot ?? nothing,
    nothing,
  );
}

function subscribeToNothing(): () => void {
  return () => undefined;
}

function nothing(): CaptionsSnapshot {
  return NOTHING;
}
