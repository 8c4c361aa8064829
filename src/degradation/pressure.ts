import { type Cause, isCause, type Pressure } from './steps.js';

/** How often somebody looks, in milliseconds. */
export const LOOK_MS = 1000;

/**
 * From where on something does not keep up, and up to where it does with ease. A healthy machine comes nowhere near: its
 * event loop is late by one or two milliseconds, a caption is out in 10 to 50, and audio is sent as it comes. All are
 * milliseconds.
 */
export const LIMITS = {
  /** By how much the event loop is late, on average since the last look: one long pause is no trouble. */
  eventLoop: { late: 100, calm: 30 },
  /** How long the caption that waits longest has not been taken by LiveKit. */
  captions: { late: 1000, calm: 300 },
  /** Audio that an open connection to the speech service has not taken. */
  audio: { late: 2000, calm: 1000 },
} as const;

/** A backlog that shrinks by this much from look to look is being caught up with. */
const CATCHING_UP_MS = 500;

/** Of one room. */
export interface RoomReading {
  readonly captionsWaitMs: number;
  /** Of the track that has most. */
  readonly unsentMs: number;
}

export function pressureOfLoop(delayMs: number): Pressure {
  return rate('event_loop', delayMs, LIMITS.eventLoop);
}

/** @param before the reading at the last look */
export function pressureOfRoom(now: RoomReading, before: RoomReading): Pressure {
  const captions = rate('captions_wait', now.captionsWaitMs, LIMITS.captions);
  const audio = rate('audio_waits', now.unsentMs, LIMITS.audio);
  const catchingUp = now.unsentMs <= before.unsentMs - CATCHING_UP_MS;
  return worst([captions, audio === 'audio_waits' && catchingUp ? 'near' : audio]);
}

/**
 * The event loop is the whole process's. What comes from the network counts for it where at least two rooms suffer, and
 * half of all: one room's bad network is that room's.
 */
export function pressureOfProcess(loop: Pressure, rooms: readonly Pressure[]): Pressure {
  const uneasy = rooms.filter((pressure) => pressure !== 'calm');
  const suffering = uneasy.filter(isCause);
  const many = (some: readonly Pressure[]) => some.length >= 2 && 2 * some.length >= rooms.length;
  return worst([loop, ...(many(suffering) ? suffering : many(uneasy) ? (['near'] as const) : [])]);
}

function rate(
  cause: Cause,
  ms: number,
  { late, calm }: { readonly late: number; readonly calm: number },
): Pressure {
  return ms >= late ? cause : ms > calm ? 'near' : 'calm';
}

/** The first cause, if there is one. */
function worst(pressures: readonly Pressure[]): Pressure {
  return pressures.find(isCause) ?? (pressures.includes('near') ? 'near' : 'calm');
}
