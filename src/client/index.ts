/** Captions in a browser, on top of `livekit-client`. Nothing of Node, and no other package. */
export { type CaptionSegment, CaptionStore } from './caption-store.js';
export {
  type CaptionSpeaker,
  type CaptionUpdate,
  type CaptionVia,
  parseCaptionMessage,
  parseTranscriptionEvent,
  parseTranscriptionStream,
  type TranscriptionEvent,
  type TranscriptionStream,
} from './caption-update.js';
export type { Captioner, CaptionerState } from './captioner.js';
export { LiveRegion } from './live-region.js';
export { displayName } from './names.js';
export { overlap } from './overlap.js';
export { captionParts } from './parts.js';
export { type CaptionRoom, type OwnCaptions, ownCaptions, setOwnCaptions } from './room.js';
export {
  type CaptionsSnapshot,
  type CaptionStream,
  RoomCaptions,
  type RoomCaptionsOptions,
} from './room-captions.js';
