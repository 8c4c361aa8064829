import type { LocalParticipant } from '@livekit/rtc-node';
import type { Caption } from '../captions/caption.js';

/** Text streams, LiveKit transcription segments, data messages. */
export type CaptionOutput = 'streams' | 'segments' | 'data';

export interface TextWriter {
  write(chunk: string): Promise<void>;
  close(): Promise<void>;
}

/** The part of rtc-node's `LocalParticipant` that captions go out by. */
export interface CaptionChannel extends Pick<
  LocalParticipant,
  'publishData' | 'publishTranscription'
> {
  streamText(options: {
    topic: string;
    attributes: Record<string, string>;
    senderIdentity: string;
    /** Left out: everybody in the room. */
    destinationIdentities?: string[];
  }): Promise<TextWriter>;
}

/** Sends one state of one segment; settles when LiveKit has taken it, rejects when it did not. */
export type SendCaption = (channel: CaptionChannel, caption: Caption) => Promise<void>;
