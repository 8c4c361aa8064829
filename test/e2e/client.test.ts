import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, isCi } from '../../src/devkit/chromium.js';
import { launchBrowser } from '../support/chromium.js';
import type { ClientApp, joinWithHelper, joinWithReact } from '../support/client-app.js';
import { AppServer, bundleFile, bundleText, exampleIn } from '../support/client-tab.js';
import { startTestLiveKit, type TestLiveKit } from '../support/livekit.js';
import { FakeCaptioner } from '../support/page-room.js';

const ALICE = { identity: 'alice', name: 'Alice Ng' };
const BOB = { identity: 'bob', name: 'Bob' };
const SOON = { timeout: 15_000 };

interface AppWindow {
  app: {
    joinWithHelper: typeof joinWithHelper;
    joinWithReact: typeof joinWithReact;
    start(place: HTMLElement, url: string, token: string): Promise<void>;
  };
  joined: ClientApp;
}

const canRun = findChromium(process.env) !== undefined || isCi(process.env);

describe.skipIf(!canRun)('the browser helper', () => {
  let livekit: TestLiveKit;
  let browser: Browser;
  let program: string;
  let apps: AppServer;
  let context: BrowserContext;
  let captioner: FakeCaptioner;
  let room: string;
  let rooms = 0;

  beforeAll(async () => {
    [livekit, browser, apps, program] = await Promise.all([
      startTestLiveKit(),
      launchBrowser(),
      AppServer.start(),
      bundleFile('test/support/client-app.tsx'),
    ]);
  });
  afterAll(async () => {
    await browser.close();
    apps.close();
    await livekit.close();
  });
  afterEach(async () => {
    await captioner.leave();
    await context.close();
  });

  /** A room with a captioner in it. */
  async function begin(): Promise<void> {
    room = `room-${(rooms += 1)}`;
    context = await browser.newContext();
    captioner = await FakeCaptioner.join(livekit, { room });
    await captioner.state('live');
  }

  async function join(identity: string): Promise<Page> {
    const tab = await apps.open(context, program);
    const token = await livekit.token(room, identity);
    await tab.evaluate(
      async ([url, token]) => {
        const page = window as unknown as AppWindow;
        page.joined = await page.app.joinWithHelper(url, token);
      },
      [livekit.url, token] as const,
    );
    return tab;
  }

  const shown = (tab: Page) => () =>
    tab.evaluate(() => {
      const { segments } = (window as unknown as AppWindow).joined.captions.getSnapshot();
      return segments.map(({ speaker, text, final, via }) => {
        return `${speaker.label}: ${text}${final ? '' : ' …'} (${via})`;
      });
    });

  test('merges the three outputs, whichever come', async () => {
    await begin();
    const tab = await join('reader');
    const captions = shown(tab);
    const said = (id: string, text: string) => ({ id, rev: 0, text, final: true, speaker: BOB });
    const now = captioner.now;
    await captioner.stream({ ...said('a', 'By a stream.'), start: now });
    await captioner.event({ ...said('b', 'by an event'), final: false, start: now + 1 });
    await captioner.event({ ...said('b', 'By an event.'), start: now + 1 });
    await captioner.data({ ...said('c', 'By a message.'), start: now + 2 });
    const life = { id: 'd', speaker: ALICE, start: now + 3 };
    for (const [rev, text] of ['so', 'so all', 'so all three'].entries()) {
      await captioner.say({ ...life, rev, text });
    }
    await captioner.say({ ...life, rev: 3, text: 'So all three.', final: true });
    await captioner.say({ id: 'e', rev: 0, text: 'hm', speaker: BOB });
    const before = [
      'Bob: By a stream. (stream)',
      ': By an event. (event)',
      'Bob: By a message. (data)',
      'Alice Ng: So all three. (data)',
    ];
    await expect.poll(captions, SOON).toEqual([...before, 'Bob: hm … (data)']);
    await captioner.say({ id: 'e', rev: 1, text: '', final: true, speaker: BOB });
    await expect.poll(captions, SOON).toEqual(before);
    const state = () =>
      tab.evaluate(() => {
        const { captions, room, calls } = (window as unknown as AppWindow).joined;
        const { captioner, segments } = captions.getSnapshot();
        return {
          captioner,
          connected: room.state,
          news: segments.every(({ news }) => news),
          calls,
        };
      });
    expect(await state()).toMatchObject({
      captioner: { state: 'live', identity: 'captioner' },
      connected: 'connected',
      news: true,
    });
    // One call a change: three interims, a final and doubles are not forty calls.
    expect((await state()).calls).toBeLessThan(30);
    await captioner.state('degraded', 'Pulse is away.');
    await expect.poll(async () => (await state()).captioner.reason, SOON).toBe('Pulse is away.');
    await tab.evaluate(() => (window as unknown as AppWindow).joined.room.disconnect());
    expect((await state()).captioner.state).toBe('disconnected');
    expect(await captions()).toEqual(before);
  });

  test('a late joiner gets the backlog before what is new, and nobody twice', async () => {
    await begin();
    const early = await join('early');
    const lines = Array.from({ length: 20 }, (_, index) => ({
      id: `line ${index}`,
      rev: 2,
      text: `Line ${index}.`,
      final: true,
      speaker: index % 2 === 0 ? ALICE : BOB,
      start: captioner.now - 60_000 + index * 2000,
    }));
    for (const line of lines) await captioner.data(line);
    await expect.poll(async () => (await shown(early)()).length, SOON).toBe(lines.length);
    const late = await join('late');
    await captioner.data({ id: 'new', rev: 0, text: 'meanwhile', speaker: ALICE });
    await Promise.all(lines.map((line) => captioner.stream(line, ['late'])));
    await captioner.say({ id: 'new', rev: 1, text: 'Meanwhile.', final: true, speaker: ALICE });
    const texts = async (tab: Page) =>
      (await shown(tab)()).map((line) => line.replace(/^.*?: (.*) \(.*$/, '$1'));
    const all = [...lines.map(({ text }) => text), 'Meanwhile.'];
    await expect.poll(() => texts(late), SOON).toEqual(all);
    await expect.poll(() => texts(early), SOON).toEqual(all);
    const news = await late.evaluate(() =>
      (window as unknown as AppWindow).joined.captions
        .getSnapshot()
        .segments.filter(({ news }) => news)
        .map(({ text }) => text),
    );
    expect(news).toEqual(['Meanwhile.']);
  });

  test('LiveKit’s React hook shows our captions, and ours does beside it', async () => {
    await begin();
    const tab = await apps.open(context, program);
    const complaints: string[] = [];
    tab.on('pageerror', (error) => complaints.push(String(error)));
    await tab.evaluate(
      ([url, token]) => (window as unknown as AppWindow).app.joinWithReact(url, token),
      [livekit.url, await livekit.token(room, 'reader')] as const,
    );
    const listed = (list: string) => () => tab.locator(`#${list} li`).allTextContents();
    await expect.poll(() => tab.locator('h1').textContent(), SOON).toBe('live');
    await captioner.say({ id: 'a', rev: 0, text: 'so', speaker: BOB });
    await captioner.say({ id: 'b', rev: 0, text: 'Wait.', final: true, speaker: ALICE });
    await captioner.say({ id: 'a', rev: 1, text: 'So it is.', final: true, speaker: BOB });
    await expect.poll(listed('stock'), SOON).toEqual(['bob: So it is.', 'alice: Wait.']);
    await expect.poll(listed('ours'), SOON).toEqual(['Bob: So it is.', 'Alice Ng: Wait.']);
    expect(complaints).toEqual([]);
  });

  test('the examples of the documents work as they stand', async () => {
    await begin();
    const example = await exampleIn('README.md', 'In your own app', 'js');
    const [, imports = '', body = ''] = /^((?:import .*\n)+)([^]*)$/.exec(example) ?? [];
    const hook = await exampleIn('docs/client.md', 'React', 'jsx');
    const [, hookImports = '', component = ''] = /^((?:import .*\n)+)([^]*)$/.exec(hook) ?? [];
    const module = await bundleText(`
      ${imports}${hookImports}import { createRoot } from 'react-dom/client';
      ${component}
      export async function start(place, url, token) {
        ${body}
        createRoot(place).render(<Transcript room={captions} />);
      }`);
    const tab = await apps.open(
      context,
      module,
      '<div class="call"><room-captions></room-captions></div><div id="place"></div>',
    );
    await tab.evaluate(
      ([url, token]) => {
        const place = document.querySelector<HTMLElement>('#place');
        if (place) return (window as unknown as AppWindow).app.start(place, url, token);
        return undefined;
      },
      [livekit.url, await livekit.token(room, 'reader')] as const,
    );
    await captioner.say({ id: 'a', rev: 0, text: 'It works.', final: true, speaker: BOB });
    await expect
      .poll(() => tab.locator('#place li').allTextContents(), SOON)
      .toEqual(['Bob: It works.']);
    const overlay = tab.locator('[part=overlay] [part=text]');
    await expect.poll(() => overlay.innerText(), SOON).toBe('It works.');
  });
});
