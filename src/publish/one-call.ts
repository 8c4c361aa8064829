import type { LocalParticipant } from '@livekit/rtc-node';
import type { CaptionChannel } from './outputs.js';

/**
 * A participant's way to the room on which a text stream is one call into the native library, made when the stream is
 * closed, in place of one each to open it, to write, and to close it: captions are whole before they are sent.
 */
export function inOneCall(self: LocalParticipant): CaptionChannel {
  return {
    publishData: (data, options) => self.publishData(data, options),
    publishTranscription: (transcription) => self.publishTranscription(transcription),
    streamText: ({ senderIdentity, ...options }) => {
      let text = '';
      return Promise.resolve({
        write: (chunk) => {
          text += chunk;
          return Promise.resolve();
        },
        close: async () => {
          await speakingAs(self, senderIdentity).sendText(text, { ...options, compress: false });
        },
      });
    },
  };
}

/** rtc-node's `sendText` has no option for the sender, as `streamText` has: it takes the participant's identity. */
function speakingAs(self: LocalParticipant, identity: string): LocalParticipant {
  return Object.create(self, { identity: { value: identity } }) as LocalParticipant;
}
