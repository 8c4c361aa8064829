import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { findChromium, isCi } from '../../src/devkit/chromium.js';
import { startPageServer } from '../../src/devkit/page-server.js';
import { startTestLiveKit } from '../support/livekit.js';
import {
  accessibilityFaults,
  openPage,
  PHONE,
  picture,
  refuseDevices,
  shownCaptions,
  shownPeople,
  sidewaysScroll,
} from '../support/page-browser.js';
import { usePage } from '../support/page-fixture.js';
import { FakeCaptioner } from '../support/page-room.js';
import { playScene } from '../support/page-scene.js';

const ALICE = { identity: 'alice', name: 'Alice Ng' };
const SOON = { timeout: 15_000 };
const THEMES = ['light', 'dark'] as const;

const canRun = findChromium(process.env) !== undefined || isCi(process.env);

describe.skipIf(!canRun)('the meeting page', () => {
  const on = usePage();
  const captionsSoon = (page: Page) => expect.poll(() => shownCaptions(page), SOON);

  describe('before joining', () => {
    test.each(THEMES)('has no accessibility fault, and fits a phone (%s)', async (colorScheme) => {
      const { page, complaints } = await on.visit('', { colorScheme });
      await expect.poll(() => page.locator('#room').inputValue(), SOON).toBe('demo');
      await picture(page, `join-${colorScheme}`);
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.setViewportSize(PHONE);
      await picture(page, `join-phone-${colorScheme}`);
      expect(await sidewaysScroll(page)).toBe(0);
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(complaints).toEqual([]);
    });

    test('the keyboard alone joins, to listen only, and leaves', async () => {
      const room = on.newRoom();
      const { page } = await on.visit(`?room=${room}`);
      const focused = () => page.evaluate(() => document.activeElement?.id);
      const identities = async () =>
        (await on.livekit.rooms.listParticipants(room)).map(({ name, tracks }) => [
          name,
          tracks.length,
        ]);

      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await expect.poll(() => page.locator('#name-error').textContent()).toContain('your name');
      expect(await focused()).toBe('name');
      await page.keyboard.type('Kim');
      for (const key of ['Tab', 'Tab', 'Space', 'Tab', 'Enter']) await page.keyboard.press(key);

      await page.locator('#room-view').waitFor();
      expect(await focused()).toBe('room-title');
      expect(await identities()).toEqual([['Kim', 0]]);
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      expect(await focused()).toBe('captions');
      await page.keyboard.press('Tab');
      expect(await focused()).toBe('microphone-button');
      await page.keyboard.press('Tab');
      expect(await focused()).toBe('speech-button');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');

      await page.locator('#join-view').waitFor();
      expect(await focused()).toBe('join-title');
      await expect.poll(identities, SOON).toEqual([]);
    });

    test('says what to do when a server is away', async () => {
      const dead = await startPageServer({
        livekitUrl: 'ws://127.0.0.1:9',
        apiKey: 'key',
        apiSecret: 'a secret that is thirty-two characters',
        port: 0,
        defaultRoom: 'demo',
      });
      const opened = await openPage(on.browser, `${dead.url}/?name=Kim&autojoin=1`);
      on.closeLater(opened, dead);
      const problem = opened.page.locator('#join-problem');
      await expect.poll(() => problem.textContent(), SOON).toContain('LiveKit server');
      expect(await accessibilityFaults(opened.page)).toEqual([]);
      await dead.close();
      await opened.page.locator('#join-button').click();
      await expect.poll(() => problem.textContent(), SOON).toContain('npm run demo');
      await picture(opened.page, 'join-problem');
    });
  });

  describe('the room', () => {
    test('tells the captioner’s state, with its reason', async () => {
      const room = on.newRoom();
      const { page } = await on.enter(room);
      const sign = page.locator('#captioner');
      const signSoon = () => expect.poll(() => sign.innerText(), SOON);
      await signSoon().toContain('No captioner yet');
      const captioner = await on.captionerIn(room);
      await signSoon().toContain('Captions are starting');
      await captioner.state('live');
      await signSoon().toBe('Captions are on');
      await expect.poll(() => page.locator('#empty').innerText()).toContain('first words');
      await captioner.state('failed', 'The Pulse key is wrong. Set SMALLEST_API_KEY.');
      await signSoon().toContain('SMALLEST_API_KEY');
      expect(await page.locator('#spoken-status').textContent()).toContain('SMALLEST_API_KEY');
      await picture(page, 'captioner-failed');
      expect(await accessibilityFaults(page)).toEqual([]);
      await captioner.leave();
      await signSoon().toContain('No captioner yet');
    });

    test('shows who is there, who speaks and who is muted', async () => {
      const room = on.newRoom();
      const alice = await on.personIn(room, ALICE);
      await alice.publish();
      const { page } = await on.enter(room);
      const people = () => shownPeople(page);
      await expect
        .poll(people, SOON)
        .toEqual(['Reader (You · listening)', 'Alice Ng, microphone on']);
      alice.hum();
      await expect.poll(people, SOON).toContain('Alice Ng, speaking');
      expect(await page.locator('#sounds audio').count()).toBe(1);
      await alice.mute();
      await expect.poll(people, SOON).toContain('Alice Ng, muted');
      await alice.leave();
      await expect.poll(people, SOON).toEqual(['Reader (You · listening)']);
      await expect.poll(() => page.locator('#sounds audio').count(), SOON).toBe(0);
      expect(await page.locator('#alone').isVisible()).toBe(true);
    });

    test('has a microphone that is turned on and off', async () => {
      const room = on.newRoom();
      const { page } = await on.visit(`?room=${room}&name=Kim`);
      const tracks = async () =>
        (await on.livekit.rooms.listParticipants(room)).flatMap((one) =>
          one.tracks.map(({ muted }) => (muted ? 'muted' : 'on')),
        );
      await page.locator('#join-button').click();
      const button = page.locator('#microphone-button');
      await expect.poll(() => button.innerText(), SOON).toBe('Mute');
      await expect.poll(tracks, SOON).toEqual(['on']);
      await button.click();
      await expect.poll(() => button.innerText(), SOON).toBe('Unmute');
      await expect.poll(tracks, SOON).toEqual(['muted']);
    });

    test('goes on without a microphone, and without sound until a click', async () => {
      const room = on.newRoom();
      const alice = await on.personIn(room, ALICE);
      await alice.publish();
      const { page } = await on.visit(`?room=${room}&name=Kim`, { prepare: refuseDevices });
      await page.locator('#join-button').click();
      const banner = page.locator('#microphone-banner');
      await expect.poll(() => banner.innerText(), SOON).toContain('address bar');
      await page.locator('#sound-banner').waitFor();
      await picture(page, 'refused');
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.locator('#microphone-dismiss').click();
      expect(await banner.isVisible()).toBe(false);
      await page.evaluate(() => window.dispatchEvent(new Event('allow-sound')));
      await page.locator('#sound-button').click();
      await page.locator('#sound-banner').waitFor({ state: 'hidden' });
    });

    test.each(THEMES)('has no accessibility fault, and fits a phone (%s)', async (colorScheme) => {
      const room = colorScheme === 'light' ? 'Planning' : 'Evening planning';
      const reducedMotion = colorScheme === 'light' ? 'no-preference' : 'reduce';
      const query = `?room=${room}&name=Sam+Rivera&autojoin=1`;
      const { page, complaints } = await on.visit(query, {
        colorScheme,
        reducedMotion,
        viewport: { width: 1200, height: 720 },
        deviceScaleFactor: 2,
      });
      await page.locator('#room-view').waitFor();
      await picture(page, `empty-${colorScheme}`);
      expect(await accessibilityFaults(page)).toEqual([]);
      await playScene(on, room, page);
      await picture(page, `room-${colorScheme}`);
      const moving = await page.evaluate(() => document.getAnimations().length > 0);
      expect(moving).toBe(reducedMotion === 'no-preference');
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.setViewportSize(PHONE);
      await picture(page, `room-phone-${colorScheme}`);
      expect(await sidewaysScroll(page)).toBe(0);
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(complaints).toEqual([]);
    });
  });

  describe('when the connection goes', () => {
    const final = { rev: 0, speaker: ALICE, final: true };

    test('it is told, and found again when the server comes back', async () => {
      const first = await startTestLiveKit();
      const { url: livekitUrl, port, apiKey, apiSecret } = first;
      const keys = { port, apiKey, apiSecret };
      const server = await startPageServer({ ...keys, livekitUrl, port: 0, defaultRoom: 'demo' });
      const opened = await openPage(on.browser, `${server.url}/?name=Kim&autojoin=1`);
      on.closeLater(first, server, opened);
      const { page } = opened;
      await page.locator('#room-view').waitFor();
      const captioner = await FakeCaptioner.join(first, { room: 'demo' });
      await captioner.data({ id: 'a', text: 'Before.', ...final });
      await page.locator('.caption').waitFor();

      await Promise.all([first.close(), captioner.leave()]);
      const banner = page.locator('#connection-banner');
      await expect.poll(() => banner.innerText(), SOON).toContain('interrupted');
      await picture(page, 'interrupted');
      const second = await startTestLiveKit(keys);
      on.closeLater(second);
      await banner.waitFor({ state: 'hidden' });

      const successor = await FakeCaptioner.join(second, { room: 'demo' });
      on.closeLater({ close: () => successor.leave() });
      await successor.data({ id: 'b', text: 'After.', ...final });
      await captionsSoon(page).toEqual([
        { name: 'Alice Ng', settled: 'Before.', unsettled: '' },
        { name: 'Alice Ng', settled: 'After.', unsettled: '' },
      ]);
    });

    test('somebody who was put out can read on, and come back', async () => {
      const room = on.newRoom();
      // A room in which only agents are left is closed.
      await on.personIn(room, ALICE);
      const { page } = await on.enter(room);
      const captioner = await on.captionerIn(room);
      await captioner.data({ id: 'a', text: 'Before.', ...final });
      await page.locator('.caption').waitFor();
      const reader = (await on.livekit.rooms.listParticipants(room)).find(
        ({ name }) => name === 'Reader',
      );
      await on.livekit.rooms.removeParticipant(room, reader?.identity ?? '');
      const banner = page.locator('#connection-banner');
      await expect.poll(() => banner.innerText(), SOON).toContain('removed');
      expect(await page.locator('#captioner').innerText()).toBe('Not connected');
      await picture(page, 'removed');
      await page.locator('#rejoin-button').click();
      await banner.waitFor({ state: 'hidden' });
      await captioner.data({ id: 'b', text: 'After.', ...final });
      await captionsSoon(page).toEqual([
        { name: 'Alice Ng', settled: 'Before.', unsettled: '' },
        { name: 'Alice Ng', settled: 'After.', unsettled: '' },
      ]);
    });
  });
});
