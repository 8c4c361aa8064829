/** One live stream, as the server saw it. */
export interface StreamRecord {
  readonly id: string;
  /** Path and query of the upgrade, without the key. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly openedAt: number;
  /** Audio that arrived and was read, in milliseconds of its own sample rate. */
  audioMs: number;
  /** The `type` of each text message that arrived, the latest thousand. */
  readonly commands: string[];
  readonly closed: boolean;
}

const RECORDS_KEPT = 1000;

/** Counters that tests read. */
export class Stats {
  /** Streams that were accepted. */
  opened = 0;
  /** Streams beyond the stream limit: accepted, but only to be closed with 1008. */
  limited = 0;
  /** Upgrades that were answered with an HTTP status instead. */
  refused = 0;
  /** Streams that are open now. */
  current = 0;
  /** The most streams that were open at the same time. */
  peak = 0;
  batchRequests = 0;
  /** The latest thousand streams, oldest first. */
  readonly streams: StreamRecord[] = [];

  open(id: string, url: string, headers: Readonly<Record<string, string>>): OpenRecord {
    const record = new OpenRecord(id, url, headers, () => (this.current -= 1));
    this.opened += 1;
    this.current += 1;
    this.peak = Math.max(this.peak, this.current);
    this.streams.push(record);
    if (this.streams.length > RECORDS_KEPT) this.streams.shift();
    return record;
  }

  /** Audio of all kept streams together, in milliseconds. */
  get audioMs(): number {
    return this.streams.reduce((sum, stream) => sum + stream.audioMs, 0);
  }
}

export class OpenRecord implements StreamRecord {
  audioMs = 0;
  readonly openedAt = Date.now();
  readonly commands: string[] = [];
  closed = false;

  constructor(
    readonly id: string,
    readonly url: string,
    readonly headers: Readonly<Record<string, string>>,
    private readonly onClose: () => void,
  ) {}

  command(type: string): void {
    this.commands.push(type);
    if (this.commands.length > RECORDS_KEPT) this.commands.shift();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.onClose();
  }
}
