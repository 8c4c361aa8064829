import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../logging.js';
import { TranscriptError } from '../errors.js';
import { FORMATS, type Format } from '../exports/formats.js';
import type { CallInfo } from '../journal.js';
import { removeExpired } from '../retention.js';
import { Webhook, type WebhookConfig } from '../webhook/webhook.js';
import { AbandonedMarkers } from './abandoned.js';
import { Exporter, type ExporterLimits } from './exporter.js';
import type { StoreLocation } from './location.js';
import { Marker } from './marker.js';
import { ObjectStore } from './objects.js';
import { type Pauses, Retrier } from './retrier.js';
import { RoomTranscript } from './room-transcript.js';
import { newCounters, type StoreStatus } from './status.js';
import { type Destinations, UnfinishedTranscript } from './unfinished.js';
import { Uploads } from './uploads.js';

export interface TranscriptConfig {
  /** Where journals and exports are written. */
  readonly directory: string;
  /** What is made of a journal when its call is over. Default: all. */
  readonly formats?: readonly Format[];
  /** Where they go besides. */
  readonly store?: StoreLocation | undefined;
  readonly webhook?: WebhookConfig | undefined;
  /** Older ones are removed from the folder. Default: none. */
  readonly keepDays?: number | undefined;
}

/** Replaced in tests, which cannot wait so long. */
export interface StoreTimes {
  /** Between two pieces of a journal that go to the store: with the upload itself, what burns with the machine. */
  readonly pieceMs: number;
  /** Between two looks for what other processes left. */
  readonly lookMs: number;
  /** Since when nobody must have worked on a transcript for us to take it over. */
  readonly abandonedMs: number;
  readonly pauses?: Pauses;
  readonly exports?: Partial<ExporterLimits>;
}

const TIMES: StoreTimes = { pieceMs: 15_000, lookMs: 30_000, abandonedMs: 60_000 };
const CLOSE_MS = 10_000;
const HOUR_MS = 3_600_000;

/**
 * Where the transcripts of a process's rooms go: a folder, from there to an object store and a webhook, and away when
 * they are old. One a process, made and closed by whoever makes the rooms' captioners. What cannot be sent stays in
 * the folder, is tried again, and is found there by the next process.
 */
export class TranscriptStore {
  readonly #config: TranscriptConfig;
  readonly #logger: Logger;
  readonly #times: StoreTimes;
  readonly #objects: ObjectStore | undefined;
  readonly #destinations: Destinations;
  readonly #exporter: Exporter;
  readonly #running = new Set<RoomTranscript>();
  /** Of calls that are over, by their journals; the next to be tried first. */
  readonly #waiting = new Map<string, UnfinishedTranscript>();
  readonly #finisher: Retrier;
  readonly #abandoned: AbandonedMarkers;
  #looking: NodeJS.Timeout | undefined;
  #expiring: NodeJS.Timeout | undefined;
  #closed: Promise<void> | undefined;

  constructor(config: TranscriptConfig, logger: Logger, times: Partial<StoreTimes> = {}) {
    this.#config = config;
    this.#logger = logger;
    this.#times = { ...TIMES, ...times };
    this.#exporter = new Exporter(this.#times.exports);
    const counters = newCounters();
    this.#objects = config.store && new ObjectStore(config.store);
    this.#destinations = {
      formats: config.formats ?? FORMATS,
      exporter: this.#exporter,
      uploads: this.#objects && new Uploads(this.#objects, counters),
      webhook: config.webhook && new Webhook(config.webhook),
      counters,
    };
    const { pauses, abandonedMs } = this.#times;
    this.#abandoned = new AbandonedMarkers(abandonedMs);
    this.#finisher = new Retrier({
      work: () => this.#finishAll(),
      onFailure: (error, failures) => this.#report(error, failures === 1 ? 'error' : 'debug'),
      onRecovery: () => logger.info('transcripts that waited are where they belong'),
      ...(pauses && { pauses }),
    });
  }

  get status(): StoreStatus {
    const { counters } = this.#destinations;
    const journalBytes = [...this.#running].reduce(
      (sum, { journal }) => sum + journal.waitingBytes,
      0,
    );
    const now = Date.now();
    const ages = Array.from(this.#waiting.values(), ({ ended = now }) => now - ended);
    return {
      running: this.#running.size,
      waiting: this.#waiting.size,
      journalBytes,
      oldestWaitingMs: Math.max(0, ...ages),
      ...counters,
    };
  }

  /** Looks for what processes before us left undone, and for what is too old, now and again and again. */
  start(): void {
    if (this.#looking || this.#closed) return;
    this.#looking = setInterval(() => void this.#look(), this.#times.lookMs).unref();
    this.#expiring = setInterval(() => void this.#expire(), HOUR_MS).unref();
    void this.#look();
    void this.#expire();
  }

  /** The transcript of one more room, until it is closed. */
  open(call: CallInfo, logger: Logger = this.#logger): RoomTranscript {
    const transcript = new RoomTranscript({
      ...call,
      dir: this.#config.directory,
      destinations: this.#destinations,
      pieceMs: this.#times.pieceMs,
      pauses: this.#times.pauses,
      onError: (error) => this.#report(error, 'error', logger),
      onEnded: (unfinished) => {
        this.#running.delete(transcript);
        this.#wait(unfinished);
        this.#finisher.kick();
      },
    });
    this.#running.add(transcript);
    return transcript;
  }

  /**
   * To be called when the rooms' transcripts are closed. Gives what waits one more chance; what is left by then is for
   * the next process. Never rejects, and may be called more than once.
   */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    clearInterval(this.#looking);
    clearInterval(this.#expiring);
    const timer = new AbortController();
    const limit = sleep(CLOSE_MS, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([limit, this.#settled()]);
    timer.abort();
    await this.#objects?.close();
    await this.#exporter.close();
    await this.#finisher.close();
    if (this.#waiting.size === 0) return;
    for (const unfinished of this.#waiting.values()) await unfinished.release();
    const { directory } = this.#config;
    this.#logger.warn(
      { waiting: this.#waiting.size, directory },
      'transcripts wait in the folder for the next process to send them',
    );
  }

  async #settled(): Promise<void> {
    await Promise.all(Array.from(this.#running, (transcript) => transcript.handedOver()));
    await this.#finisher.settled();
  }

  #wait(unfinished: UnfinishedTranscript): void {
    this.#waiting.set(unfinished.journal, unfinished);
    void unfinished.end(Date.now());
  }

  /** One after the other. One that fails is tried last the next time. */
  async #finishAll(): Promise<void> {
    for (const [journal, unfinished] of [...this.#waiting]) {
      try {
        await unfinished.finish();
        this.#waiting.delete(journal);
      } catch (error) {
        this.#waiting.delete(journal);
        this.#waiting.set(journal, unfinished);
        throw error;
      }
    }
  }

  async #look(): Promise<void> {
    for (const unfinished of this.#waiting.values()) await unfinished.touch();
    const abandoned = await this.#abandoned.find(this.#config.directory);
    const ours = new Set(Array.from(this.#running, ({ journal }) => journal.path));
    for (const journal of abandoned) {
      if (ours.has(journal) || this.#waiting.has(journal) || this.#closed) continue;
      const marker = await Marker.adopt(journal);
      this.#wait(new UnfinishedTranscript(journal, marker, this.#destinations));
    }
    if (this.#waiting.size > 0) this.#finisher.kick();
  }

  async #expire(): Promise<void> {
    const { directory, keepDays } = this.#config;
    if (keepDays === undefined) return;
    const removed = await removeExpired(directory, keepDays, Date.now());
    this.#destinations.counters.expired += removed.length;
    if (removed.length > 0) this.#logger.info({ files: removed.length }, 'removed old transcripts');
  }

  #report(error: unknown, level: 'error' | 'debug', logger = this.#logger): void {
    if (!(error instanceof TranscriptError)) {
      logger[level]({ err: error }, 'a transcript could not be taken where it belongs');
      return;
    }
    logger[level]({ code: error.code, err: error }, error.message);
  }
}
