import type { Caption } from '../captions/caption.js';
import type { CaptionChannel, SendCaption, TextWriter } from './outputs.js';

type TextStreamOptions = Parameters<CaptionChannel['streamText']>[0];

/** A text that waits, in the newest of its states. */
interface Held {
  readonly options: TextStreamOptions;
  readonly text: string;
}

export interface CatchUpOptions {
  /** The way to everybody in the room. */
  readonly channel: CaptionChannel;
  /** Sends one caption of the backlog. */
  readonly send: SendCaption;
  /** The identities of everybody else who is in the room now. */
  readonly others: () => readonly string[];
  /** Segments that may wait for one person who catches up; the oldest goes first. Default 200. */
  readonly maxHeld?: number;
}

/**
 * Brings people who come later up to date, so that they read in order: while somebody gets what was said before, the
 * text streams to everybody go to everybody else, and their own come right after. Where `channel` is used in place of
 * the room's own, whoever sends by it need not know.
 */
export class CatchUp {
  readonly #options: CatchUpOptions;
  /** By the identity of each who catches up: what waits for them, by segment. */
  readonly #held = new Map<string, Map<string, Held>>();

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  /** The way to everybody in the room. */
  get channel(): CaptionChannel {
    const { channel } = this.#options;
    return {
      publishData: (data, options) => channel.publishData(data, options),
      publishTranscription: (transcription) => channel.publishTranscription(transcription),
      streamText: (options) => this.#streamText(options),
    };
  }

  /**
   * Sends to this person alone what was said before, then what has been said meanwhile. Resolves when they are up to
   * date or gone; rejects when LiveKit does not take a caption. Either way what comes then reaches them as it does
   * everybody.
   */
  async bring(identity: string, backlog: readonly Caption[]): Promise<void> {
    if (backlog.length === 0) return;
    const held = new Map<string, Held>();
    this.#held.set(identity, held);
    const mine = () => this.#held.get(identity) === held;
    try {
      const { send } = this.#options;
      const channel = onlyTo(this.#options.channel, identity);
      for (const caption of backlog) if (mine()) await send(channel, caption);
      for (let [next] = held; next; [next] = held) {
        const [key, state] = next;
        held.delete(key);
        if (mine() || isFinal(state)) await this.#pass(identity, state);
      }
    } finally {
      if (mine()) this.#held.delete(identity);
    }
  }

  left(identity: string): void {
    this.#held.delete(identity);
  }

  async #streamText(options: TextStreamOptions): Promise<TextWriter> {
    const { channel } = this.#options;
    if (this.#held.size === 0) return channel.streamText(options);
    const waiting = [...this.#held];
    const rest = this.#options.others().filter((identity) => !this.#held.has(identity));
    // To nobody would be to everybody.
    const writer =
      rest.length === 0
        ? undefined
        : await channel.streamText({ ...options, destinationIdentities: rest });
    let text = '';
    return {
      write: async (chunk) => {
        text += chunk;
        await writer?.write(chunk);
      },
      close: async () => {
        const late = waiting.map(([identity, held]) =>
          this.#handOver(identity, held, { options, text }),
        );
        await Promise.all([writer?.close(), ...late]);
      },
    };
  }

  /** Who is up to date by now gets it at once. */
  async #handOver(identity: string, held: Map<string, Held>, state: Held): Promise<void> {
    if (this.#held.get(identity) === held) {
      this.#hold(held, state);
      return;
    }
    if (this.#options.others().includes(identity)) await this.#pass(identity, state);
  }

  /**
   * Finals go to everybody again: there are participants whom nobody sees, such as recorders, and they were left out
   * when the others were sent theirs.
   */
  async #pass(identity: string, state: Held): Promise<void> {
    const { channel } = this.#options;
    const way = isFinal(state) ? channel : onlyTo(channel, identity);
    await write(await way.streamText(state.options), state.text);
  }

  #hold(held: Map<string, Held>, state: Held): void {
    const key = state.options.attributes['lk.segment_id'] ?? '';
    held.set(key, state);
    const [oldest] = held.keys();
    if (held.size > (this.#options.maxHeld ?? 200) && oldest !== undefined) held.delete(oldest);
  }
}

/** @returns a channel by which everything goes to one person */
function onlyTo(channel: CaptionChannel, identity: string): CaptionChannel {
  return {
    publishData: (data, options) =>
      channel.publishData(data, { ...options, destination_identities: [identity] }),
    publishTranscription: (transcription) => channel.publishTranscription(transcription),
    streamText: (options) => channel.streamText({ ...options, destinationIdentities: [identity] }),
  };
}

function isFinal({ options }: Held): boolean {
  return options.attributes['lk.transcription_final'] === 'true';
}

async function write(writer: TextWriter, text: string): Promise<void> {
  if (text !== '') await writer.write(text);
  await writer.close();
}
