import {
  DataPacket,
  DataStream_Chunk,
  DataStream_Header,
  DataStream_Trailer,
  Transcription,
  TranscriptionSegment,
  UserPacket,
} from '@livekit/protocol';
import type { CaptionChannel, CaptionOutput, TextWriter } from '../../../publish/outputs.js';

/** What a packet holds, and what goes around it: its field's number and its length. */
type Content = Pick<UserPacket, 'toBinary'>;
const AROUND = 4;

/** As long as LiveKit's own. */
const SENDER = { identity: 'captions-1', sid: 'PA_xxxxxxxxxxxx' };
const STREAM_ID = '00000000-0000-0000-0000-000000000000';

/**
 * A room without a network that counts what each output would bring to one listener: LiveKit's packets as they are
 * encoded, without the frame of the data channel around them.
 */
export class WireMeter implements CaptionChannel {
  readonly bytes: Record<CaptionOutput, number> = { streams: 0, segments: 0, data: 0 };
  readonly packets: Record<CaptionOutput, number> = { streams: 0, segments: 0, data: 0 };

  publishData(
    ...[payload, { topic = '' }]: Parameters<CaptionChannel['publishData']>
  ): Promise<void> {
    this.#count('data', new UserPacket({ payload: Uint8Array.from(payload), topic }));
    return Promise.resolve();
  }

  publishTranscription({
    participantIdentity,
    trackSid,
    segments,
  }: Parameters<CaptionChannel['publishTranscription']>[0]): Promise<void> {
    const transcription = new Transcription({
      transcribedParticipantIdentity: participantIdentity,
      trackId: trackSid,
      segments: segments.map((segment) => new TranscriptionSegment(segment)),
    });
    this.#count('segments', transcription);
    return Promise.resolve();
  }

  streamText({
    topic,
    attributes,
    senderIdentity,
  }: Parameters<CaptionChannel['streamText']>[0]): Promise<TextWriter> {
    const send = (content: Content) => this.#count('streams', content, senderIdentity);
    const streamId = STREAM_ID;
    const timestamp = BigInt(Date.now());
    const mimeType = 'text/plain';
    const streamHeader = new DataStream_Header({
      streamId,
      timestamp,
      topic,
      mimeType,
      attributes,
    });
    send(streamHeader);
    return Promise.resolve({
      write: (text: string) => {
        const content = new TextEncoder().encode(text);
        send(new DataStream_Chunk({ streamId, content }));
        return Promise.resolve();
      },
      close: () => {
        send(new DataStream_Trailer({ streamId }));
        return Promise.resolve();
      },
    });
  }

  #count(output: CaptionOutput, content: Content, sender = SENDER.identity): void {
    const envelope = new DataPacket({
      participantIdentity: sender,
      participantSid: SENDER.sid,
      sequence: this.packets[output],
    });
    this.bytes[output] += envelope.toBinary().length + AROUND + content.toBinary().length;
    this.packets[output] += 1;
  }
}
