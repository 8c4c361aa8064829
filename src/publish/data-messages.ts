import { CAPTIONS_TOPIC, encodeMessage } from '../captions/schema.js';
import type { SendCaption } from './outputs.js';

/** Data messages with speakers, times and words: `CaptionMessage` of `captions/schema`. */
export const sendDataMessage: SendCaption = async (channel, caption) => {
  await channel.publishData(encodeMessage(caption), { reliable: true, topic: CAPTIONS_TOPIC });
};
