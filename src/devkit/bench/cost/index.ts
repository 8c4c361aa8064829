import { parseArgs } from 'node:util';
import { ensureModel } from '../../model.js';
import { createMoonshineRecogniser } from '../../pulse-server/moonshine/index.js';
import { bar } from '../density/bars.js';
import { barLine } from '../density/table.js';
import { print, wholeNumber } from '../options.js';
import { measureMeeting } from './meeting.js';
import { measureRecordings, pointsOf } from './recordings.js';
import { measureBursts } from './three-bursts.js';

const BURSTS_SECONDS = 13;
const MEETING_RATIO = 1.4;
const POINTS = 1;

const HELP = `How much audio is sent, and paid for, for how much speech; and what becomes of the words.

  npm run bench -- cost [options]

  --takes 3   how often the recordings are recognised in each noise
`;

/** How much audio is sent, and paid for, for how much speech; and what becomes of the words. */
export async function benchCost(
  args: readonly string[],
  signal: AbortSignal,
): Promise<object | undefined> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      takes: { type: 'string', default: '3' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    print(HELP);
    return undefined;
  }
  const takes = wholeNumber(values.takes);
  const bursts = await measureBursts();
  print(
    `three bursts, ${bursts.speechSeconds} s of speech in ${bursts.seconds} s: ${bursts.sentSeconds} s sent, ${bursts.lost} of ${bursts.words} words lost, at most ${bursts.worstTimeMs} ms off`,
  );
  signal.throwIfAborted();
  const meeting = await measureMeeting();
  const ratio = Number((meeting.sentSeconds / meeting.speechSeconds).toFixed(2));
  print(
    `${meeting.people} people, one of whom speaks at a time, ${meeting.seconds} s: ${meeting.speechSeconds} s of speech, ${meeting.sentSeconds} s sent (${ratio} of it); the gate of somebody silent takes ${meeting.coresASilentTrack} cores`,
  );
  signal.throwIfAborted();
  const recogniser = await createMoonshineRecogniser(await ensureModel(print));
  try {
    const recordings = await measureRecordings(recogniser, takes, print, signal);
    const [quiet, ...noisy] = recordings;
    if (!quiet) throw new Error('there are no recordings');
    const bars = [
      bar('three bursts, seconds sent', BURSTS_SECONDS, bursts.sentSeconds),
      bar('three bursts, words lost', 0, bursts.lost),
      bar('meeting, sent for each second of speech', MEETING_RATIO, ratio),
      bar('in quiet rooms, more words wrong with the gate, points', POINTS, pointsOf([quiet])),
      bar('in noise, more words wrong with the gate, points', POINTS, pointsOf(noisy)),
    ];
    print(`\n${bars.map(barLine).join('\n')}`);
    return { bench: 'cost', bursts, meeting: { ...meeting, ratio }, recordings, bars };
  } finally {
    await recogniser.close();
  }
}
