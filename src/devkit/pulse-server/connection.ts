import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import { DelayLine } from './delay-line.js';
import type { Faults, FaultTarget } from './faults.js';
import { Junk } from './junk.js';
import type { LiveOptions } from './live-query.js';
import { errorMessage, type FinalMarks, MessageWriter } from './messages.js';
import type { RecognisedWord, Recogniser, RecogniserSession } from './recogniser.js';
import { Resampler } from './resample.js';
import type { OpenRecord } from './stats.js';

export interface ConnectionParts {
  readonly ws: WebSocket;
  readonly socket: Socket;
  readonly options: LiveOptions;
  readonly recogniser: Recogniser;
  readonly faults: Faults;
  readonly record: OpenRecord;
}

/**
 * One live stream, from its upgrade to its end.
 *
 * Commands wait for one another (a `finalize` is answered before the `close_stream` behind it is begun); audio goes
 * straight to the recogniser, which keeps the order of audio and flushes itself.
 */
export class Connection implements FaultTarget {
  private readonly session: RecogniserSession;
  private readonly writer: MessageWriter;
  private readonly outbox = new DelayLine();
  private readonly junk = new Junk();
  private readonly resampler: Resampler;
  private readonly resetAtMs: number;
  private commands: Promise<void> = Promise.resolve();
  private oddByte: Buffer | undefined;
  private samplesIn = 0;
  private pauses = 0;
  private stalled = false;
  private hung = false;
  private ending = false;
  private interimShown = false;
  private idleTimer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: ConnectionParts) {
    const { ws, options, recogniser, faults, record } = parts;
    this.writer = new MessageWriter(record.id, options);
    this.resampler = new Resampler(options.sampleRate);
    this.session = recogniser.open(
      {
        silenceMs: options.silenceMs,
        finalizeOnWords: options.finalizeOnWords,
        interims: true,
      },
      {
        speechStarted: (at) => this.sendSpeech('speech_started', at),
        silence: (at) => faults.speechEndedFirst && this.sendSpeech('speech_ended', at),
        speechEnded: (at) => !faults.speechEndedFirst && this.sendSpeech('speech_ended', at),
        interim: (words) => {
          this.interimShown = true;
          this.send(this.writer.interim(words));
        },
        final: (words, endsUtterance) =>
          this.sendHeard(words, { speechFinal: endsUtterance && faults.speechFinal }),
        failed: (error) => this.fail(error),
      },
    );
    ws.on('message', (data, isBinary) => this.receive(data, isBinary));
    ws.on('ping', (payload) => {
      if (!this.hung) ws.pong(payload);
    });
    ws.on('close', () => this.release());
    // A client that vanishes is nothing to report: `close` follows.
    ws.on('error', () => undefined);
    this.resetAtMs = faults.join(this);
    this.waitForInput();
  }

  reset(): void {
    // Audio that has been read together with what broke the stream arrives in vain.
    this.ending = true;
    this.outbox.close();
    this.parts.socket.resetAndDestroy();
  }

  closeWith(code: number, reason: string): void {
    if (!this.hung) this.parts.ws.close(code, reason);
  }

  hang(): void {
    if (this.hung) return;
    this.hung = true;
    this.ending = true;
    clearTimeout(this.idleTimer);
    this.outbox.close();
    this.session.close();
    // What comes is read below the WebSocket and thrown away, so nothing can answer it.
    this.parts.socket.removeAllListeners('data');
    this.parts.socket.resume();
  }

  stall(stalled: boolean): void {
    if (this.stalled === stalled || this.hung) return;
    this.stalled = stalled;
    if (stalled) this.pause();
    else this.resume();
  }

  private release(): void {
    clearTimeout(this.idleTimer);
    this.outbox.close();
    this.session.close();
    this.parts.faults.leave(this);
    this.parts.record.close();
  }

  private receive(data: RawData, isBinary: boolean): void {
    if (this.ending) return;
    const bytes = asBuffer(data);
    if (isBinary) this.hear(bytes);
    else this.obey(bytes.toString('utf8'));
  }

  private hear(bytes: Buffer): void {
    this.waitForInput();
    const joined = this.oddByte === undefined ? bytes : Buffer.concat([this.oddByte, bytes]);
    const whole = joined.length - (joined.length % 2);
    this.oddByte = whole === joined.length ? undefined : joined.subarray(whole);
    const samples = new Int16Array(whole / 2);
    for (let index = 0; index < samples.length; index += 1) {
      samples[index] = joined.readInt16LE(2 * index);
    }
    this.samplesIn += samples.length;
    this.parts.record.audioMs = (this.samplesIn / this.parts.options.sampleRate) * 1000;
    const wait = this.session.push(this.resampler.push(samples));
    if (wait !== undefined) {
      this.pause();
      void wait.then(() => this.resume());
    }
    if (this.parts.record.audioMs >= this.resetAtMs) this.reset();
  }

  private obey(text: string): void {
    const type = commandType(text);
    this.parts.record.command(type ?? '?');
    switch (type) {
      case 'finalize':
        this.command(async () =>
          this.sendFinals(await this.session.flush(false), { fromFinalize: true }),
        );
        return;
      case 'close_stream':
      case 'end':
        this.ending = true;
        this.command(() => this.finish());
        return;
      case 'keepalive':
        this.waitForInput();
        this.parts.ws.send('{"type":"pong"}');
        return;
      default:
        this.send(errorMessage('expected audio, finalize, keepalive or close_stream'));
    }
  }

  private command(run: () => Promise<void>): void {
    this.commands = this.commands.then(run).catch((error: unknown) => this.fail(error));
  }

  private fail(error: unknown): void {
    this.send(errorMessage(`the recogniser failed: ${String(error)}`));
    this.outbox.add(0, () => this.closeWith(1011, 'recogniser failed'));
  }

  private async finish(): Promise<void> {
    clearTimeout(this.idleTimer);
    const tail = this.resampler.end();
    if (tail.length > 0) await this.session.push(tail);
    const rest = await this.session.flush(true);
    const { withoutLast } = this.parts.faults;
    this.sendFinals(rest, { isLast: !withoutLast });
    if (!withoutLast) this.outbox.add(0, () => this.closeWith(1000, ''));
  }

  /** A final without words says nothing, unless it takes an interim back. */
  private sendHeard(words: readonly RecognisedWord[], marks: FinalMarks): void {
    if (words.length > 0 || this.interimShown || marks.speechFinal) this.sendFinals(words, marks);
  }

  /** `max_words` cuts a final; what marks its end belongs to the last piece. */
  private sendFinals(words: readonly RecognisedWord[], marks: FinalMarks): void {
    const most = this.parts.options.maxWords ?? Number.POSITIVE_INFINITY;
    let rest = words;
    while (rest.length > most) {
      this.send(this.writer.final(rest.slice(0, most), {}));
      rest = rest.slice(most);
    }
    this.send(this.writer.final(rest, marks));
    this.interimShown = false;
  }

  private sendSpeech(type: 'speech_started' | 'speech_ended', at: number): void {
    if (this.parts.options.vadEvents) this.send(this.writer.speech(type, at));
  }

  private send(message: string): void {
    const { ws, faults } = this.parts;
    this.outbox.add(faults.slowMs, () => {
      if (this.hung || ws.readyState !== ws.OPEN) return;
      if (faults.junk) ws.send(this.junk.take());
      ws.send(message);
    });
  }

  private waitForInput(): void {
    clearTimeout(this.idleTimer);
    const { idleTimeoutMs, idleCloseCode } = this.parts.faults;
    if (this.hung || !Number.isFinite(idleTimeoutMs)) return;
    this.idleTimer = setTimeout(() => {
      this.send(errorMessage('no audio and no keepalive for too long'));
      this.outbox.add(0, () => this.closeWith(idleCloseCode, 'idle'));
    }, idleTimeoutMs);
  }

  private pause(): void {
    this.pauses += 1;
    if (!this.hung) this.parts.ws.pause();
  }

  private resume(): void {
    this.pauses -= 1;
    if (this.pauses === 0 && !this.hung) this.parts.ws.resume();
  }
}

function commandType(text: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || !('type' in parsed)) return undefined;
    return typeof parsed.type === 'string' ? parsed.type : undefined;
  } catch {
    return undefined;
  }
}

function asBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
