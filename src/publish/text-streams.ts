import type { SendCaption } from './outputs.js';

const TRANSCRIPTION_TOPIC = 'lk.transcription';

/**
 * LiveKit's text streams: each state is a stream of its own in the speaker's name. Receivers join them by the
 * segment's id, and the newest stream wins.
 */
export const sendTextStream: SendCaption = async (channel, caption) => {
  const { id, rev, final, text, language, speaker, track, start, end } = caption;
  const writer = await channel.streamText({
    topic: TRANSCRIPTION_TOPIC,
    senderIdentity: speaker.identity,
    attributes: {
      'lk.segment_id': id,
      'lk.transcribed_track_id': track.sid,
      'lk.transcription_final': String(final),
      'captions.language': language,
      'captions.speaker': speaker.label,
      'captions.start': String(start),
      'captions.end': String(end),
      'captions.rev': String(rev),
    },
  });
  // A write that fails has ended the stream itself.
  if (text !== '') await writer.write(text);
  await writer.close();
};
