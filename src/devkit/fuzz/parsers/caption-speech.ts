import type { Caption } from '../../../captions/caption.js';
import { decodeMessage, encodeMessage, MAX_MESSAGE_BYTES } from '../../../captions/schema.js';
import { Segmenter } from '../../../captions/segmenter.js';
import { PulseMachine } from '../../../pulse/machine.js';
import { machineOptions } from '../../../pulse/machine-options.js';
import { parseServerMessage } from '../../../pulse/messages.js';
import type { Input } from '../../../pulse/states.js';
import { parseRecord, segmentRecord } from '../../../transcript/records.js';

const OPTIONS = machineOptions({ apiKey: 'key', sampleRate: 8000, vadEvents: true });

/** One track from the recogniser's messages to what leaves: captions for the room, and lines for the journal. */
export class CaptionSpeech {
  readonly #machine = new PulseMachine(OPTIONS, () => 0.5);
  #ids = 0;
  readonly #segmenter = new Segmenter({
    track: { sid: 'TR_a', source: 'microphone' },
    speaker: () => ({ identity: 'alice', name: 'Alice', label: 'Alice' }),
    epoch: 1_795_400_000_000,
    newId: () => `SG_${(this.#ids += 1)}`,
    defaultLanguage: 'en',
  });

  /** @throws Error when something leaves that its readers would not take */
  hear(messages: readonly string[]): void {
    this.#input({ type: 'audio', samples: new Int16Array(32_000).fill(1000), at: 0 }, 0);
    this.#input({ type: 'opened' }, 10);
    for (const [index, message] of messages.entries()) {
      this.#input({ type: 'message', message: parseServerMessage(message) }, 4000 + index);
    }
    this.#input({ type: 'close' }, 5000);
    this.#leave(this.#segmenter.end());
  }

  #input(input: Input, now: number): void {
    for (const effect of this.#machine.handle(input, now)) {
      if (effect.type === 'emit') this.#leave(this.#segmenter.on(effect.event));
    }
  }

  #leave(captions: readonly Caption[]): void {
    for (const caption of captions) {
      const bytes = encodeMessage(caption);
      if (bytes.length > MAX_MESSAGE_BYTES) throw new Error(`a message of ${bytes.length} bytes`);
      if (!decodeMessage(bytes)) throw new Error('a message that readers do not take');
      if (caption.end < caption.start) throw new Error('a caption that ends before it begins');
      if (!parseRecord(JSON.stringify(segmentRecord(caption)))) {
        throw new Error('a line of the journal that cannot be read');
      }
    }
  }
}
