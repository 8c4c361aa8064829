import type { RemoteParticipant, Room } from '@livekit/rtc-node';
import type { RoomClock } from '../audio/room-clock.js';
import { HeardLanguages } from './heard-languages.js';
import { roomLanguage } from './language.js';
import type { RoomOutput } from './output.js';
import { isPerson } from './selection.js';
import type { StatusReporter } from './status-reporter.js';
import type { RoomTracks } from './tracks.js';
import type { Wishes } from './wishes.js';

export interface RoomPeopleOptions {
  readonly room: Room;
  readonly clock: RoomClock;
  readonly wishes: Wishes;
  readonly tracks: RoomTracks;
  readonly output: RoomOutput;
  readonly status: StatusReporter;
  /** In which people are heard of whom nothing else is said. */
  readonly usualLanguage: string | undefined;
}

/** Who is in a room, and that what they, the app and the room wish holds for what is heard of them. */
export class RoomPeople {
  readonly #options: RoomPeopleOptions;
  readonly #languages: HeardLanguages;

  constructor(options: RoomPeopleOptions) {
    this.#options = options;
    this.#languages = new HeardLanguages(roomLanguage(options.usualLanguage).shown);
  }

  joined(participant: RemoteParticipant): void {
    if (!isPerson(participant)) return;
    const { output, clock } = this.#options;
    output.joined(personOf(participant), clock.now());
    this.ask(participant);
  }

  left(participant: RemoteParticipant): void {
    const { tracks, output, wishes, clock } = this.#options;
    tracks.left(participant);
    if (!isPerson(participant)) return;
    output.left(personOf(participant), clock.now());
    wishes.personLeft(participant.identity);
    this.#languages.left(participant.identity);
    this.applyWishes();
  }

  /** What a person wants comes before anything that they publish is heard. */
  ask(participant: RemoteParticipant): void {
    const { wishes, output, tracks, clock } = this.#options;
    const { identity, attributes } = participant;
    const before = wishes.optedOut(identity);
    wishes.personAsks(identity, attributes);
    const now = wishes.optedOut(identity);
    tracks.consider(participant);
    if (now && !before) output.optedOut(personOf(participant), clock.now());
    if (before && !now) output.optedIn(personOf(participant), clock.now());
    this.applyWishes();
  }

  /** Anything of what is wished may have changed. */
  applyWishes(): void {
    const { wishes, tracks, status } = this.#options;
    tracks.update();
    this.#noteLanguages();
    status.wishesChanged({ off: !wishes.enabled, faults: wishes.faults });
  }

  /** Takes up or lets go of what everybody publishes, as it is now. */
  considerAll(): void {
    const { room, tracks } = this.#options;
    for (const participant of room.remoteParticipants.values()) tracks.consider(participant);
  }

  #noteLanguages(): void {
    const { room, wishes, output, clock } = this.#options;
    for (const participant of room.remoteParticipants.values()) {
      const { identity } = participant;
      if (!isPerson(participant) || wishes.optedOut(identity)) continue;
      const { shown } = roomLanguage(wishes.languageOf(identity));
      if (!this.#languages.hear(identity, shown)) continue;
      output.languageChanged(personOf(participant), shown, clock.now());
    }
  }
}

function personOf({ identity, name = '' }: RemoteParticipant) {
  return { identity, name };
}
