import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, isCi } from '../../src/devkit/chromium.js';
import { launchBrowser } from '../support/chromium.js';
import { AppServer, bundleText } from '../support/client-tab.js';
import { startTestLiveKit, type TestLiveKit } from '../support/livekit.js';
import {
  accessibilityFaults,
  DESKTOP,
  PHONE,
  picture,
  sidewaysScroll,
} from '../support/page-browser.js';
import { FakeCaptioner } from '../support/page-room.js';

const ALICE = { identity: 'alice', name: 'Alice Ng' };
const BOB = { identity: 'bob', name: 'Bob Marley-Okonkwo' };
const SOON = { timeout: 15_000 };
const LONG =
  'If we move the second session to the afternoon then the people who come by train can still be there for the opening and nobody has to hurry';

const PROGRAM = `
  import { Room } from 'livekit-client';
  import { RoomCaptions } from 'livekit-pulse-captions/client';
  import { defineRoomCaptions } from 'livekit-pulse-captions/client/element';
  export async function start(url, token) {
    defineRoomCaptions();
    const room = new Room();
    const captions = new RoomCaptions(room);
    for (const one of document.querySelectorAll('room-captions')) one.captions = captions;
    await room.connect(url, token);
  }`;

const canRun = findChromium(process.env) !== undefined || isCi(process.env);

describe.skipIf(!canRun)('<room-captions>', () => {
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
      bundleText(PROGRAM),
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

  async function begin(options: Parameters<Browser['newContext']>[0] = {}): Promise<void> {
    room = `room-${(rooms += 1)}`;
    context = await browser.newContext({ viewport: DESKTOP, ...options });
    captioner = await FakeCaptioner.join(livekit, { room });
    await captioner.state('live');
  }

  async function open(
    identity: string,
    element = '<room-captions></room-captions>',
  ): Promise<Page> {
    const tab = await apps.open(
      context,
      program,
      `<main class="call"><h1 hidden>A call</h1>${element}</main>`,
    );
    await tab.evaluate(
      ([url, token]) =>
        (
          window as unknown as { app: { start(url: string, token: string): Promise<void> } }
        ).app.start(url, token),
      [livekit.url, await livekit.token(room, identity)] as const,
    );
    return tab;
  }

  const blocks = (tab: Page) => tab.locator('[part~=block]:not(.sample *)');
  const onScreen = (tab: Page) => () =>
    blocks(tab).evaluateAll((all) =>
      all.map((block) => {
        const [speaker, text] = ['[part=speaker]', '[part=text]'].map((part) => {
          return block.querySelector(part)?.textContent ?? '';
        });
        return `${speaker}: ${text?.trim()}`;
      }),
    );
  const spoken = (tab: Page) => () => tab.locator('[role=log] p').allTextContents();
  const styleOf = (tab: Page, name: 'color' | 'fontSize' | 'direction' | 'backgroundColor') =>
    blocks(tab)
      .last()
      .locator('[part=text]')
      .evaluate((text, name) => {
        const of = name === 'backgroundColor' ? text.closest('[part~=block]') : text;
        return getComputedStyle(of ?? text)[name];
      }, name);

  test('rolls up what is said, shows two at once as two, and lets go of what is over', async () => {
    await begin();
    // Nothing goes while it is looked at, and both speak at once however long that takes.
    const start = captioner.now;
    const bob = { id: 'b', speaker: BOB, start: start + 3000, end: start + 4000 };
    const tab = await open('reader', '<room-captions linger="60000"></room-captions>');
    await captioner.say({
      id: 'a',
      rev: 0,
      text: `${LONG} ${LONG} to the end`,
      settled: 200,
      speaker: ALICE,
      start,
      end: bob.end,
    });
    await expect.poll(onScreen(tab), SOON).toHaveLength(1);
    const clip = blocks(tab).first().locator('.clip');
    const { height, line, hidden } = await clip.evaluate((element) => ({
      height: element.clientHeight,
      line: parseFloat(getComputedStyle(element).lineHeight),
      hidden: element.scrollHeight,
    }));
    expect(Math.round(height / line)).toBe(3);
    expect(hidden).toBeGreaterThanOrEqual(height);
    const unsettled = tab.locator('[part~=block] [part=unsettled]').first();
    expect(await unsettled.evaluate((one) => getComputedStyle(one).textDecorationLine)).toBe(
      'underline',
    );
    await picture(tab, 'overlay-roll-up');
    expect(await spoken(tab)()).toEqual([]);

    await captioner.say({ ...bob, rev: 0, text: 'Sorry, may I', settled: 6 });
    await expect.poll(onScreen(tab), SOON).toHaveLength(2);
    const [one, other] = await blocks(tab).evaluateAll((all) =>
      all.map((block) => block.getBoundingClientRect().toJSON() as DOMRect),
    );
    expect(one?.bottom).toBe(other?.bottom);
    expect(one?.right).toBeLessThan(other?.left ?? 0);
    await picture(tab, 'overlay-overlap');
    await tab.setViewportSize(PHONE);
    await picture(tab, 'overlay-overlap-phone');
    expect(await sidewaysScroll(tab)).toBe(0);

    const element = tab.locator('room-captions');
    await element.evaluate((captions) => captions.setAttribute('linger', '2500'));
    await captioner.say({ ...bob, rev: 1, text: 'Sorry, may I?', final: true });
    await captioner.say({ ...bob, rev: 2, text: 'Sorry. May I?', final: true });
    await expect.poll(spoken(tab), SOON).toEqual(['Bob Marley-Okonkwo: Sorry, may I?']);
    await expect.poll(onScreen(tab), SOON).toEqual([]);
  });

  test('a reader chooses by keyboard how captions look, for all tabs and the next time', async () => {
    await begin();
    const [first, second] = [await open('one'), await open('two')];
    await first.bringToFront();
    const say = (id: string, text: string, final = true) =>
      captioner.say({ id, rev: 0, text, final, settled: 3, speaker: ALICE });
    await say('a', 'Good morning. Shall we begin?');
    for (const tab of [first, second]) await expect.poll(onScreen(tab), SOON).toHaveLength(1);
    const size = parseFloat(await styleOf(second, 'fontSize'));

    await first.keyboard.press('Tab');
    await first.keyboard.press('Enter');
    const panel = first.locator('[part=settings]');
    await panel.waitFor();
    await picture(first, 'overlay-settings');
    expect(await accessibilityFaults(first)).toEqual([]);
    for (const key of ['ArrowRight', 'Tab', 'ArrowRight', 'Tab', 'Tab', 'ArrowRight']) {
      await first.keyboard.press(key);
    }
    await picture(first, 'overlay-settings-chosen');
    await first.setViewportSize(PHONE);
    await picture(first, 'overlay-settings-phone');
    expect(await sidewaysScroll(first)).toBe(0);
    expect(await accessibilityFaults(first)).toEqual([]);
    await first.setViewportSize(DESKTOP);
    await first.keyboard.press('Escape');
    expect(await panel.isVisible()).toBe(false);
    const focused = () =>
      first.evaluate(
        () => document.querySelector('room-captions')?.shadowRoot?.activeElement?.textContent,
      );
    await expect.poll(focused, SOON).toBe('Aa');

    await expect
      .poll(async () => parseFloat(await styleOf(second, 'fontSize')), SOON)
      .toBeGreaterThan(size * 1.3);
    expect(await styleOf(second, 'color')).toBe('rgb(255, 233, 92)');
    await say('b', 'and now a whole', false);
    await say('c', 'This one is whole.');
    await expect.poll(onScreen(second), SOON).toEqual(['Alice Ng: This one is whole.']);
    await picture(second, 'overlay-pop-on');
    const third = await open('three');
    await say('d', 'And it is remembered.');
    await expect.poll(onScreen(third), SOON).toEqual(['Alice Ng: And it is remembered.']);
    expect(await styleOf(third, 'color')).toBe('rgb(255, 233, 92)');
  });

  test('works where nothing can be stored, and with whatever is', async () => {
    await begin({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await context.addInitScript(() => {
      localStorage.setItem(
        'livekit-pulse-captions',
        '{"size":"gigantic","colours":["x"],"lines":4}',
      );
      Storage.prototype.setItem = () => {
        throw new DOMException('It is full', 'QuotaExceededError');
      };
    });
    const tab = await open('reader', '<room-captions speaker="bob" quiet></room-captions>');
    await captioner.say({
      id: 'a',
      rev: 0,
      text: 'Not for this tile.',
      final: true,
      speaker: ALICE,
    });
    await captioner.say({
      id: 'b',
      rev: 0,
      text: 'صباح الخير، هل نبدأ الآن؟',
      language: 'ar',
      final: true,
      speaker: BOB,
    });
    await expect
      .poll(onScreen(tab), SOON)
      .toEqual(['Bob Marley-Okonkwo: صباح الخير، هل نبدأ الآن؟']);
    expect(await styleOf(tab, 'direction')).toBe('rtl');
    expect(await tab.locator('[lang=ar]').count()).toBe(1);
    expect(await tab.locator('[role=log]').count()).toBe(0);
    expect(await tab.evaluate(() => document.getAnimations().length)).toBe(0);
    await tab.locator('[part=settings-button]').click();
    await tab.locator('label', { hasText: 'Black on white' }).click();
    expect(await styleOf(tab, 'color')).toBe('rgb(17, 17, 17)');
    await picture(tab, 'overlay-settings-dark');
    expect(await accessibilityFaults(tab)).toEqual([]);
  });

  test('hostile names and texts are text, in their place', async () => {
    await begin();
    const tab = await open('reader');
    const complaints: string[] = [];
    tab.on('pageerror', (error) => complaints.push(String(error)));
    const names = [
      ['<img src=x onerror="document.title=1">', '<img src=x onerror="document.title=1">'],
      ['\u202eecilA\u0000\u0007\r\n', 'ecilA'],
      ['😀'.repeat(500), `${'😀'.repeat(60)}…`],
      [`Z${'\u0351'.repeat(400)}algo`, `Z${'\u0351'.repeat(4)}algo`],
      ['\u200f\u2067', 'Somebody'],
    ];
    for (const [index, [name = '', shown]] of names.entries()) {
      await captioner.data({
        id: `${index}`,
        rev: 0,
        text: `</p><script>document.title = 1</script>\u202e ${'x'.repeat(2000)}`,
        final: true,
        speaker: { identity: `evil ${index}`, name },
      });
      const label = blocks(tab).last().locator('[part=speaker]');
      await expect.poll(() => label.textContent(), SOON).toBe(shown);
    }
    for (const viewport of [DESKTOP, PHONE]) {
      await tab.setViewportSize(viewport);
      expect(await sidewaysScroll(tab)).toBe(0);
      const heights = await blocks(tab).evaluateAll((all) => all.map((one) => one.clientHeight));
      expect(Math.max(...heights)).toBeLessThan(200);
    }
    expect(await tab.locator('room-captions :is(img, script)').count()).toBe(0);
    expect(await tab.title()).toBe('An app');
    expect(complaints).toEqual([]);
  });
});
