import type { RoomUsageSummary } from '../../cost/usage.js';
import type { TranscriptError } from '../errors.js';
import { type CallInfo, Journal } from '../journal.js';
import { Marker } from './marker.js';
import { type Pauses, Retrier } from './retrier.js';
import { type Destinations, UnfinishedTranscript } from './unfinished.js';

export interface RoomTranscriptOptions extends CallInfo {
  readonly dir: string;
  readonly destinations: Destinations;
  /** Between two pieces of the journal that go to the store, in milliseconds. */
  readonly pieceMs: number;
  readonly pauses?: Pauses | undefined;
  /** Called once for each trouble when it begins. */
  readonly onError: (error: unknown) => void;
  /** Takes over what is still to be done when the call is over. */
  readonly onEnded: (transcript: UnfinishedTranscript) => void;
}

/** What `close` left on the disk; no journal where it could not be written. */
export interface TranscriptFiles {
  readonly journal: string | undefined;
  readonly exports: readonly string[];
}

/** The transcript of one room while it lasts: a journal, which goes to the store and the webhook as it grows. */
export class RoomTranscript {
  readonly journal: Journal;
  readonly #options: RoomTranscriptOptions;
  readonly #uploads: Retrier;
  readonly #webhook: Retrier;
  readonly #timer: NodeJS.Timeout;
  #unfinished: Promise<UnfinishedTranscript> | undefined;
  #closed: Promise<TranscriptFiles> | undefined;
  #handing: Promise<void> | undefined;

  constructor(options: RoomTranscriptOptions) {
    const { dir, room, epoch, onError, pieceMs, pauses, destinations } = options;
    this.#options = options;
    const onFailure = (error: unknown, failures: number) => {
      if (failures === 1) onError(error);
    };
    const repeatedly = (work: (transcript: UnfinishedTranscript) => Promise<void>) =>
      new Retrier({
        work: async () => {
          const transcript = await this.#unfinished;
          if (transcript) await work(transcript);
        },
        onFailure,
        ...(pauses && { pauses }),
      });
    this.#uploads = repeatedly((transcript) => transcript.sendNew());
    this.#webhook = repeatedly((transcript) => transcript.tellNew());
    this.journal = new Journal({
      dir,
      room,
      epoch,
      onError: (error: TranscriptError) => onError(error),
      onWritten: () => {
        if (this.#begin() && destinations.webhook) this.#webhook.kick();
      },
    });
    this.#timer = setInterval(() => void this.#tick(), pieceMs).unref();
  }

  /**
   * Writes what waits and the exports. Never rejects. Later calls wait for the first, and what is noted after it is
   * left out.
   * @param at milliseconds on the room's clock
   * @param usage what the captions of the room cost
   */
  close(at: number, usage?: RoomUsageSummary): Promise<TranscriptFiles> {
    this.#closed ??= this.#end(at, usage);
    return this.#closed;
  }

  /** Resolves when it is closed and nothing of it is under way; at once when it is not closed. */
  async handedOver(): Promise<void> {
    await this.#closed;
    await this.#handing;
  }

  /** @returns whether there is a file that something can be done with */
  #begin(): boolean {
    const { path } = this.journal;
    if (path === undefined) return false;
    this.#unfinished ??= Marker.create(path).then(
      (marker) => new UnfinishedTranscript(path, marker, this.#options.destinations),
    );
    return true;
  }

  async #tick(): Promise<void> {
    await (await this.#unfinished)?.touch();
    if (this.#options.destinations.uploads) this.#uploads.kick();
  }

  async #end(at: number, usage?: RoomUsageSummary): Promise<TranscriptFiles> {
    await this.journal.close(at, usage);
    this.#begin();
    const unfinished = await this.#unfinished;
    // Where many calls end at once, this one's turn may take long to come: it is not to be taken for abandoned.
    const exports = await unfinished?.export().catch((error: unknown) => {
      this.#options.onError(error);
      return [];
    });
    clearInterval(this.#timer);
    if (!unfinished || !exports) return { journal: undefined, exports: [] };
    this.#handing = this.#handOver(unfinished);
    return { journal: unfinished.journal, exports };
  }

  /** Only when nothing of it is under way: two at once would tell a thing twice. */
  async #handOver(unfinished: UnfinishedTranscript): Promise<void> {
    await Promise.all([this.#uploads.close(), this.#webhook.close()]);
    this.#options.onEnded(unfinished);
  }
}
