import { afterAll, describe, test } from 'vitest';
import { freeTcpPort } from '../../src/devkit/livekit-server/ports.js';
import { createExactRecogniser, encodeWords } from '../../src/devkit/pulse-server/exact/index.js';
import { alphabetWords, PERFECT, tally } from '../support/alphabet.js';
import { finalText } from '../support/listener.js';
import { type Scene, startScene } from '../support/scene.js';

const RATE = 16_000;
const SPEECH = { sampleRate: RATE, wordMs: 320, marginMs: 300 };
const PATIENCE = { timeout: 40_000, interval: 100 };
const BLOCKED_LOOP = new URL('../support/blocked-loop.mjs', import.meta.url);

const scenes: Scene[] = [];
async function openScene(): Promise<Scene> {
  const scene = await startScene(createExactRecogniser());
  scenes.push(scene);
  return scene;
}
afterAll(async () => {
  for (const scene of scenes) await scene.close();
});

// Each worker has a LiveKit server of its own; both mostly wait.
describe.concurrent('a worker that has too little', () => {
  test('of streams: of two rooms that share the only one of the plan one waits, is told so, and loses nothing', async ({
    expect,
  }) => {
    const scene = await openScene();
    // Each room has a process of its own, so that they share the stream through the supervisor.
    await scene.startWorker({ PULSE_MAX_STREAMS: '1', ROOMS_PER_PROCESS: '1' });
    const [north, south] = await Promise.all(
      ['north', 'south'].map(async (room) => {
        const listener = await scene.listen(room);
        const speaker = await scene.join(room, `${room}-speaker`);
        await expect.poll(() => listener.state, PATIENCE).toBe('live');
        const said: string[] = [];
        const say = (words: readonly number[]) => {
          said.push(...alphabetWords(words));
          return speaker.speak(encodeWords(words, SPEECH), RATE);
        };
        const heard = () => finalText(listener.data, speaker.identity);
        const outcome = () => tally(said, heard());
        return { listener, say, heard, outcome };
      }),
    );
    if (!north || !south) throw new Error('two rooms were to be joined');
    const long = north.say(Array.from({ length: 24 }, (_, index) => 200 + index));
    await expect.poll(north.heard, PATIENCE).not.toBe('');
    const short = south.say([7, 8, 9]);
    await expect.poll(() => south.listener.state, PATIENCE).toBe('degraded');
    const [captioner] = south.listener.captioners;
    expect(captioner?.attributes['captions.reason']).toMatch(/streams of the plan are in use/);
    await Promise.all([long, short]);
    await expect.poll(south.outcome, PATIENCE).toEqual(PERFECT);
    await expect.poll(north.outcome, PATIENCE).toEqual(PERFECT);
    await north.say([90, 91, 92]);
    await expect.poll(north.outcome, PATIENCE).toEqual(PERFECT);
    await expect.poll(() => south.listener.state, PATIENCE).toBe('live');
    expect(scene.pulse.stats.peak).toBe(1);
  });

  test('of CPU gives up interims, then small chunks, then new rooms, and never words', async ({
    expect,
  }) => {
    const scene = await openScene();
    const port = await freeTcpPort();
    const worker = await scene.startWorker({
      HEALTH_PORT: String(port),
      NODE_OPTIONS: `--import ${BLOCKED_LOOP.href}`,
    });
    const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    const valueOf = async (name: string) => {
      const lines = (await (await ask('/metrics')).text()).split('\n');
      return Number(lines.find((line) => line.startsWith(`${name} `))?.split(' ')[1]);
    };

    const north = await scene.listen('north');
    const alice = await scene.join('north', 'alice');
    await expect.poll(() => north.state, PATIENCE).toBe('live');
    const words = Array.from({ length: 36 }, (_, index) => 200 + index);
    const speaking = alice.speak(encodeWords(words, SPEECH), RATE);
    await expect.poll(() => north.data.length, PATIENCE).toBeGreaterThan(0);
    const [room] = await scene.livekit.rooms.listRooms(['north']);
    const blockOrFree = () => worker.signalRoomProcess(room?.sid ?? '', 'SIGUSR2');

    blockOrFree();
    const told: string[] = [];
    const steps = () => {
      const reason = north.told('reason') ?? '';
      if (reason !== told.at(-1)) told.push(reason);
      return worker.log.flatMap(({ cause, msg }) => (cause === 'event_loop' ? msg : []));
    };
    const up = [
      'a room process cannot keep up: interims are sent less often',
      'a room process still cannot keep up: audio goes to Pulse in larger pieces',
      'a room process still cannot keep up: no new rooms are taken',
    ];
    await expect.poll(steps, PATIENCE).toEqual(up);
    const said = told.map((reason) => /less often|later/.exec(reason)?.[0] ?? '');
    expect(said).toEqual(['', 'less often', 'later']);
    expect(north.state).toBe('degraded');
    const full = () => worker.log.some(({ msg }) => msg.startsWith('the worker is full'));
    await expect.poll(full, PATIENCE).toBe(true);
    const south = await scene.listen('south');

    blockOrFree();
    await expect.poll(() => valueOf('captions_degradation_level'), PATIENCE).toBe(3);
    expect((await ask('/readyz')).status).toBe(200);
    await speaking;
    const outcome = () => tally(alphabetWords(words), finalText(north.data, 'alice'));
    await expect.poll(outcome, PATIENCE).toEqual(PERFECT);
    let early = false;
    const stepsDown = () => {
      const down = steps().slice(up.length);
      early ||= down.length === 0 && south.captioners.length > 0;
      return down;
    };
    await expect
      .poll(stepsDown, PATIENCE)
      .toEqual(['a room process keeps up: new rooms are taken again']);
    expect(early).toBe(false);
    await expect.poll(() => south.captioners.length, PATIENCE).toBe(1);
    expect(await valueOf('captions_room_processes_died_total')).toBe(0);
    expect(await valueOf('captions_gaps_total')).toBe(0);
  });
});
