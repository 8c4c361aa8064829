import type { SendCaption } from './outputs.js';

/** LiveKit's older transcription segments, which clients see as `RoomEvent.TranscriptionReceived`. */
export const sendTranscriptionSegment: SendCaption = async (channel, caption) => {
  const { id, final, text, language, speaker, track, start, end } = caption;
  await channel.publishTranscription({
    participantIdentity: speaker.identity,
    trackSid: track.sid,
    segments: [
      {
        id,
        text,
        language,
        final,
        startTime: wireMs(start),
        endTime: wireMs(end),
      },
    ],
  });
};

/** Whole milliseconds; the wire has no sign. */
function wireMs(ms: number): bigint {
  return BigInt(Math.max(0, Math.round(ms)));
}
