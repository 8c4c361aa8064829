import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { findChromium, isCi } from '../../src/devkit/chromium.js';
import {
  PHONE,
  picture,
  scrollEnd,
  shownCaptions,
  sidewaysScroll,
  spokenLines,
} from '../support/page-browser.js';
import { usePage } from '../support/page-fixture.js';
import { FakeCaptioner } from '../support/page-room.js';

const ALICE = { identity: 'alice', name: 'Alice Ng' };
const BOB = { identity: 'bob', name: 'Bob' };
const SOON = { timeout: 15_000 };

const canRun = findChromium(process.env) !== undefined || isCi(process.env);

describe.skipIf(!canRun)('captions on the meeting page', () => {
  const on = usePage();
  const captionsSoon = (page: Page) => expect.poll(() => shownCaptions(page), SOON);

  test('an interim becomes the final in its place, and is read aloud once', async () => {
    const room = on.newRoom();
    const { page, complaints } = await on.enter(room);
    const captioner = await on.captionerIn(room);
    const a = { id: 'a', speaker: ALICE };

    await captioner.data({ ...a, rev: 0, text: 'so the' });
    await captionsSoon(page).toEqual([{ name: 'Alice Ng', settled: '', unsettled: 'so the' }]);
    await captioner.data({ id: 'b', rev: 0, text: 'wait', speaker: BOB });
    await captioner.data({ ...a, rev: 2, text: 'so the plan is good', settled: 11 });
    const bob = { name: 'Bob', settled: '', unsettled: 'wait' };
    await captionsSoon(page).toEqual([
      { name: 'Alice Ng', settled: 'so the plan ', unsettled: 'is good' },
      bob,
    ]);
    const styleOf = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => {
          const { color, textDecorationLine } = getComputedStyle(element);
          return { color, textDecorationLine };
        });
    expect(await styleOf('.caption .settled')).not.toEqual(await styleOf('.caption .unsettled'));
    expect((await styleOf('.caption-name')).color).not.toBe(
      (await styleOf('.caption:nth-child(2) .caption-name')).color,
    );
    expect(await spokenLines(page)).toEqual([]);

    await captioner.data({ ...a, rev: 3, text: 'So the plan is good.', final: true });
    await captioner.data({ ...a, rev: 1, text: 'too late' });
    await captioner.data({ ...a, rev: 4, text: 'too late' });
    await captioner.data({ ...a, rev: 3, text: 'So the plan is good.', final: true });
    await captioner.data({ id: 'b', rev: 1, text: 'Wait.', speaker: BOB, final: true });
    await captionsSoon(page).toEqual([
      { name: 'Alice Ng', settled: 'So the plan is good.', unsettled: '' },
      { name: 'Bob', settled: 'Wait.', unsettled: '' },
    ]);
    expect(await spokenLines(page)).toEqual(['Alice Ng: So the plan is good.', 'Bob: Wait.']);
    expect(await page.locator('#captions [aria-live], #captions[aria-live]').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('text streams serve where there is nothing else, and nothing is shown twice', async () => {
    const room = on.newRoom();
    await on.personIn(room, BOB);
    const { page } = await on.enter(room);
    const captioner = await on.captionerIn(room);
    const first = { id: 'a', speaker: BOB };

    await captioner.stream({ ...first, rev: 0, text: 'hello' });
    await captionsSoon(page).toEqual([{ name: 'Bob', settled: '', unsettled: 'hello' }]);
    await captioner.stream({ ...first, rev: 1, text: 'Hello.', final: true });
    await captionsSoon(page).toEqual([{ name: 'Bob', settled: 'Hello.', unsettled: '' }]);

    const second = { id: 'b', speaker: ALICE };
    for (const [rev, text] of ['and now', 'and now both', 'And now both.'].entries()) {
      const caption = { ...second, rev, text, settled: 3, final: rev === 2 };
      await captioner.stream(caption);
      await captioner.data(caption);
    }
    await captioner.stream({ id: 'c', rev: 0, text: 'Done.', speaker: BOB, final: true });
    await captionsSoon(page).toEqual([
      { name: 'Bob', settled: 'Hello.', unsettled: '' },
      { name: 'Alice Ng', settled: 'And now both.', unsettled: '' },
      { name: 'Bob', settled: 'Done.', unsettled: '' },
    ]);
    expect(await spokenLines(page)).toEqual([
      'Bob: Hello.',
      'Alice Ng: And now both.',
      'Bob: Done.',
    ]);
  });

  test('hostile text is text', async () => {
    const room = on.newRoom();
    const { page, complaints } = await on.enter(room);
    const captioner = await on.captionerIn(room);
    const text = '<img src=x onerror="document.title=\'taken\'"> </p><script>alert(1)</script>';
    const name = '<b>Mallory</b>\u202eevil\u0000';
    const mallory = { identity: 'mallory', name };
    await captioner.raw({ v: 1, type: 'caption', id: {}, rev: 'x', text: 7 });
    await captioner.raw('not an object');
    await captioner.data({ id: 'a', rev: 0, text, speaker: mallory, final: true });
    const shown = { name: '<b>Mallory</b> evil', settled: text, unsettled: '' };
    await captionsSoon(page).toEqual([shown]);
    const long = 'x'.repeat(3000);
    await captioner.data({ id: 'b', rev: 0, text: long, speaker: mallory, final: true });
    await captionsSoon(page).toEqual([shown, { ...shown, settled: long }]);
    await page.setViewportSize(PHONE);
    expect(await sidewaysScroll(page)).toBe(0);
    const markup = page.locator('.caption :is(img, script, b), room-captions :is(img, script, b)');
    expect(await markup.count()).toBe(0);
    expect(await page.title()).toBe(`${room} · Live captions`);
    expect(complaints).toEqual([]);
  });

  test('only agents are believed', async () => {
    const room = on.newRoom();
    const { page } = await on.enter(room);
    const liar = await FakeCaptioner.join(on.livekit, {
      room,
      identity: 'liar',
      kind: 'standard',
    });
    on.closeLater({ close: () => liar.leave() });
    const lie = { rev: 0, text: 'I never said that.', speaker: BOB, final: true };
    await liar.data({ ...lie, id: 'a' });
    await page.locator('.person').nth(1).waitFor();
    await liar.data({ ...lie, id: 'a' });
    const captioner = await on.captionerIn(room);
    await captioner.data({ id: 'b', rev: 0, text: 'True.', speaker: BOB, final: true });
    await captionsSoon(page).toEqual([{ name: 'Bob', settled: 'True.', unsettled: '' }]);
  });

  test('the newest is followed until the reader scrolls up', async () => {
    const room = on.newRoom();
    const { page } = await on.enter(room);
    const captioner = await on.captionerIn(room);
    const say = (id: number) =>
      captioner.data({
        id: `${id}`,
        rev: 0,
        text: `Sentence ${id}.`,
        speaker: ALICE,
        final: true,
      });
    const toEnd = () =>
      page
        .locator('#captions')
        .evaluate((one) => Math.round(one.scrollHeight - one.clientHeight - one.scrollTop));
    for (let id = 0; id < 40; id += 1) await say(id);
    await page.locator('.caption').nth(39).waitFor();
    await expect.poll(toEnd, SOON).toBeLessThanOrEqual(1);
    const button = page.locator('#newest-button');
    expect(await button.isVisible()).toBe(false);

    await page.locator('#captions').hover();
    await page.mouse.wheel(0, -300);
    await button.waitFor();
    await say(40);
    await expect.poll(() => button.textContent(), SOON).toContain('(1)');
    expect(await toEnd()).toBeGreaterThan(200);
    await picture(page, 'scrolled-up');

    await button.click();
    await expect.poll(toEnd, SOON).toBeLessThanOrEqual(1);
    expect(await button.isVisible()).toBe(false);
    await say(41);
    await page.locator('.caption').nth(41).waitFor();
    await expect.poll(toEnd, SOON).toBeLessThanOrEqual(1);

    await page.locator('#captions').focus();
    await Promise.all([scrollEnd(page), page.keyboard.press('PageUp')]);
    await button.waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(toEnd, SOON).toBeLessThanOrEqual(1);
  });
});
