import { readClip, speechIndex } from '../../speech/recordings.js';
import { arranged, inARoom, secondsOf, throughGate } from './through-gate.js';

export interface MeetingFigures {
  readonly people: number;
  readonly seconds: number;
  readonly speechSeconds: number;
  /** Of all people together. */
  readonly sentSeconds: number;
  /** What the gate takes for a track on which nobody speaks. */
  readonly coresASilentTrack: number;
}

const PEOPLE = 12;
/** Between two people. */
const PAUSE_S = 0.7;

/**
 * People with open microphones in quiet rooms, one of whom speaks at a time: everybody takes turns with a recording.
 * @param rounds how often everybody speaks
 */
export async function measureMeeting(rounds = 2): Promise<MeetingFigures> {
  const { clips } = await speechIndex();
  const recordings = await Promise.all(
    clips.map(async ({ file }) => (await readClip(file)).samples),
  );
  const turns = Array.from({ length: PEOPLE * rounds }, (_, turn) => {
    const samples = recordings[turn % recordings.length] ?? new Int16Array();
    return { samples, person: turn % PEOPLE };
  });
  const placed: { samples: Int16Array; person: number; at: number }[] = [];
  let at = PAUSE_S;
  for (const turn of turns) {
    placed.push({ ...turn, at });
    at += secondsOf([turn.samples]) + PAUSE_S;
  }
  let sentMs = 0;
  for (let person = 0; person < PEOPLE; person += 1) {
    const own = placed.filter((turn) => turn.person === person);
    sentMs += await throughGate(inARoom(arranged(own, at), person));
  }
  return {
    people: PEOPLE,
    seconds: Number(at.toFixed(1)),
    speechSeconds: Number(secondsOf(turns.map(({ samples }) => samples)).toFixed(1)),
    sentSeconds: Number((sentMs / 1000).toFixed(1)),
    coresASilentTrack: await coresASilentTrack(),
  };
}

async function coresASilentTrack(): Promise<number> {
  const seconds = 120;
  const silence = inARoom(arranged([], seconds), 99);
  const before = process.cpuUsage();
  await throughGate(silence);
  const { user, system } = process.cpuUsage(before);
  return Number(((user + system) / 1e6 / seconds).toFixed(4));
}
