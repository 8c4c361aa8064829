import {
  RemoteAudioTrack,
  type RemoteParticipant,
  type RemoteTrack,
  type RemoteTrackPublication,
} from '@livekit/rtc-node';
import { setTimeout as delay } from 'node:timers/promises';
import type { PulsePosition } from '../pulse/recognised.js';
import { roomLanguage } from './language.js';
import { captionTrack, type PipelineOptions } from './pipeline.js';
import { isCaptioned, isEncrypted, sourceOf } from './selection.js';
import type { StatusReporter } from './status-reporter.js';
import type { TrackCaptioner } from './track-captioner.js';
import type { Recognition, Wishes } from './wishes.js';

export interface RoomTracksOptions {
  readonly pipeline: PipelineOptions;
  readonly wishes: Wishes;
  readonly status: StatusReporter;
  /** Whether what is end-to-end encrypted can be heard. */
  readonly hasKey: boolean;
}

/** Of a handover: how long finals may come by themselves before they are asked for. */
const FLUSH_AFTER_MS = 2500;
const LOOK_EVERY_MS = 50;

interface Heard {
  readonly owner: RemoteParticipant;
  readonly captioner: TrackCaptioner;
  readonly encrypted: boolean;
  recognition: Recognition;
  /** Since when its owner is said to speak; room milliseconds. */
  speakingSince: number | undefined;
}

/** How long somebody has to speak without a sound. LiveKit sends sound and who speaks by different ways. */
const MUTE_MS = 1000;
/**
 * What comes so long before somebody is said to speak is not what they said: a track's first frames may come before
 * its encryption.
 */
const EARLIER_MS = 2000;
/** Nobody is said to speak for so long without a sound. */
const SILENT_MS = 4000;

/**
 * Which audio tracks of a room are heard, and in which way: those of people who have not opted out, while captions
 * are on. A track that is not to be heard any more is let go at once.
 */
export class RoomTracks {
  readonly #options: RoomTracksOptions;
  readonly #heard = new Map<string, Heard>();
  readonly #ending = new Set<Heard>();
  /** Tracks that are not subscribed to because somebody said so. */
  readonly #released = new Set<string>();
  #over = false;
  #paused = false;
  #largeChunks = false;

  constructor(options: RoomTracksOptions) {
    this.#options = options;
  }

  /** How many are heard. */
  get heard(): number {
    return this.#heard.size;
  }

  /** Of the track that has most; see `RecogniserStream`. */
  get unsentMs(): number {
    return Math.max(0, ...Array.from(this.#heard.values(), ({ captioner }) => captioner.unsentMs));
  }

  useLargeChunks(large: boolean): void {
    this.#largeChunks = large;
    for (const { captioner } of this.#heard.values()) captioner.useLargeChunks(large);
  }

  /** Takes up or lets go of all that a participant publishes, as they and the room wish now. */
  consider(owner: RemoteParticipant): void {
    if (!this.#isWanted(owner)) {
      for (const heard of this.#ending) if (heard.owner === owner) heard.captioner.withdraw();
    }
    for (const publication of owner.trackPublications.values()) this.published(publication, owner);
  }

  /** Hears nothing while it is paused; what was said until then is still captioned. */
  pause(paused: boolean): void {
    this.#paused = paused;
    if (paused) for (const sid of this.#heard.keys()) this.ended(sid);
  }

  published(publication: RemoteTrackPublication, owner: RemoteParticipant): void {
    const { sid, track } = publication;
    if (!sid || !isCaptioned(publication, owner)) return;
    if (!this.#mayHear(owner)) {
      this.#letGo(sid, publication);
    } else if (isEncrypted(publication) && !this.#options.hasKey) {
      this.#options.status.trackLocked(sid);
    } else {
      if (!isEncrypted(publication) && this.#options.hasKey) this.#options.status.trackOpen(sid);
      const released = this.#released.delete(sid);
      if (released || !track) publication.setSubscribed(true);
      if (track instanceof RemoteAudioTrack) this.subscribed(track, publication, owner);
    }
  }

  subscribed(
    audio: RemoteTrack,
    publication: RemoteTrackPublication,
    owner: RemoteParticipant,
  ): void {
    const { sid } = publication;
    if (!sid || this.#heard.has(sid) || !(audio instanceof RemoteAudioTrack)) return;
    if (!isCaptioned(publication, owner)) return;
    const { pipeline, wishes, status, hasKey } = this.#options;
    if (!this.#mayHear(owner) || (isEncrypted(publication) && !hasKey)) {
      publication.setSubscribed(false);
      return;
    }
    const track = { sid, source: sourceOf(publication) };
    const recognition = wishes.recognitionOf(owner.identity);
    const captioner = captionTrack(audio, track, owner, recognition, pipeline);
    captioner.useLargeChunks(this.#largeChunks);
    const encrypted = isEncrypted(publication);
    this.#heard.set(sid, { owner, captioner, encrypted, recognition, speakingSince: undefined });
    const { identity, name } = owner;
    pipeline.logger.debug({ track: sid, identity, name }, 'a track is heard');
    status.trackHeard(sid);
    this.#tellLanguages();
  }

  /** It is no longer subscribed to; what was said until then is still captioned. */
  ended(sid: string | undefined): void {
    const heard = sid === undefined ? undefined : this.#heard.get(sid);
    if (sid === undefined || !heard) return;
    this.#heard.delete(sid);
    this.#ending.add(heard);
    void heard.captioner.end().then(() => {
      this.#ending.delete(heard);
      this.#options.pipeline.logger.debug({ track: sid }, 'a track has ended');
      if (!this.#heard.has(sid)) this.#gone(sid);
    });
  }

  unpublished(sid: string | undefined): void {
    if (sid === undefined) return;
    this.#released.delete(sid);
    if (this.#heard.has(sid)) this.ended(sid);
    else this.#gone(sid);
  }

  /** What is being said gets the new name at once. */
  renamed(identity: string): void {
    for (const { owner, captioner } of this.#heard.values()) {
      if (owner.identity === identity) captioner.refresh();
    }
  }

  left(owner: RemoteParticipant): void {
    for (const [sid, heard] of this.#heard) if (heard.owner === owner) this.ended(sid);
    for (const { sid } of owner.trackPublications.values()) this.unpublished(sid);
  }

  /**
   * Finds out who encrypts with another key than ours: what cannot be decrypted comes as pure silence. To be called
   * when it changes who speaks, so at the latest when they stop.
   * @param identities of those who speak, as LiveKit measures it
   * @param at room milliseconds
   */
  speaking(identities: ReadonlySet<string>, at: number): void {
    for (const [sid, heard] of this.#heard) {
      if (!heard.encrypted) continue;
      const { speakingSince } = heard;
      const since = speakingSince ?? at;
      const unheardSince = Math.max(since - EARLIER_MS, at - SILENT_MS);
      if (at - since > MUTE_MS && this.#soundOf(heard.owner) < unheardSince) {
        this.#options.status.trackLocked(sid);
      }
      heard.speakingSince = identities.has(heard.owner.identity) ? since : undefined;
    }
  }

  /** When their last sound was: LiveKit does not tell by which of their tracks somebody speaks. */
  #soundOf(owner: RemoteParticipant): number {
    const theirs = [...this.#heard.values()].filter((heard) => heard.owner === owner);
    return Math.max(...theirs.map(({ captioner }) => captioner.soundAt));
  }

  /** What is wished of the recognition has changed. */
  update(): void {
    for (const heard of this.#heard.values()) {
      const recognition = this.#options.wishes.recognitionOf(heard.owner.identity);
      if (isSame(recognition, heard.recognition)) continue;
      heard.recognition = recognition;
      heard.captioner.update(recognition, roomLanguage(recognition.language).assumed);
    }
    this.#tellLanguages();
  }

  /**
   * Lets go of every track for another captioner: of each as soon as its finals reach the time from which the other
   * one has its audio, at the latest after `limitMs`. Nothing is heard after it.
   *
   * @param since milliseconds on the room's clock, by track; tracks that are not in it are ended in order
   * @returns how far each came
   */
  async handOver(
    since: ReadonlyMap<string, number>,
    limitMs: number,
  ): Promise<Map<string, PulsePosition>> {
    this.#over = true;
    const positions = new Map<string, PulsePosition>();
    const limit = performance.now() + limitMs;
    const release = async (sid: string, { captioner }: Heard, from: number) => {
      const flushAt = performance.now() + FLUSH_AFTER_MS;
      let flushed = false;
      while (!captioner.hasFinalsUntil(from) && performance.now() < limit) {
        await delay(LOOK_EVERY_MS);
        if (!flushed && performance.now() > flushAt) captioner.flush();
        flushed ||= performance.now() > flushAt;
      }
      positions.set(sid, captioner.release());
    };
    const waits = Array.from(this.#heard, ([sid, heard]) => {
      const from = since.get(sid);
      return from === undefined ? heard.captioner.end() : release(sid, heard, from);
    });
    const ending = Array.from(this.#ending, ({ captioner }) => captioner.end());
    const late = setTimeout(() => {
      for (const { captioner } of [...this.#heard.values(), ...this.#ending]) captioner.abandon();
    }, limitMs);
    await Promise.all([...waits, ...ending]);
    clearTimeout(late);
    return positions;
  }

  /** Resolves when all that was said is captioned, or `limitMs` later; `onLate` is called then. */
  async end(limitMs: number, onLate: () => void): Promise<void> {
    this.#over = true;
    for (const sid of this.#heard.keys()) this.ended(sid);
    const ending = Array.from(this.#ending, ({ captioner }) => captioner);
    const limit = setTimeout(() => {
      onLate();
      for (const captioner of ending) captioner.abandon();
    }, limitMs);
    await Promise.all(ending.map((captioner) => captioner.end()));
    clearTimeout(limit);
  }

  #mayHear(owner: RemoteParticipant): boolean {
    return !this.#paused && this.#isWanted(owner);
  }

  #isWanted({ identity }: RemoteParticipant): boolean {
    const { wishes } = this.#options;
    return wishes.enabled && !wishes.optedOut(identity);
  }

  #letGo(sid: string, publication: RemoteTrackPublication): void {
    if (this.#released.has(sid)) return;
    this.#released.add(sid);
    this.#heard.get(sid)?.captioner.withdraw();
    this.#heard.delete(sid);
    publication.setSubscribed(false);
    this.#gone(sid);
  }

  #gone(sid: string): void {
    // Who leaves says nothing more about how captions are.
    if (this.#over) return;
    this.#options.status.trackEnded(sid);
    this.#tellLanguages();
  }

  #tellLanguages(): void {
    const { wishes, status } = this.#options;
    const heard = Array.from(this.#heard.values(), ({ recognition }) => recognition.language);
    const languages = heard.length > 0 ? heard : [wishes.language];
    const shown = new Set(languages.map((language) => roomLanguage(language).shown));
    status.languagesChanged(wishes.enabled ? [...shown].sort().join(',') : '');
  }
}

function isSame(one: Recognition, other: Recognition): boolean {
  return (
    one.language === other.language &&
    one.keywords === other.keywords &&
    one.redactPii === other.redactPii &&
    one.redactPci === other.redactPci &&
    one.diarize === other.diarize
  );
}
