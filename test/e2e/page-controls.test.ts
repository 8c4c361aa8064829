import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { findChromium, isCi } from '../../src/devkit/chromium.js';
import { accessibilityFaults, PHONE, picture, sidewaysScroll } from '../support/page-browser.js';
import { usePage } from '../support/page-fixture.js';

const ALICE = { identity: 'alice', name: 'Alice Ng' };
const BOB = { identity: 'bob', name: 'Bob' };
const SOON = { timeout: 15_000 };

const canRun = findChromium(process.env) !== undefined || isCi(process.env);

describe.skipIf(!canRun)('what a reader can do on the meeting page', () => {
  const on = usePage();

  test('the transcript is searched, and taken home', async () => {
    const room = on.newRoom();
    const { page, complaints } = await on.enter(room);
    const captioner = await on.captionerIn(room);
    const lines = [
      [ALICE, 'Shall we meet at the café?'],
      [ALICE, 'It opens at nine.'],
      [BOB, 'The Café is closed on Mondays.'],
    ] as const;
    for (const [index, [speaker, text]] of lines.entries()) {
      const start = index * 5000;
      await captioner.data({ id: `${index}`, rev: 0, text, final: true, speaker, start });
    }
    const rows = page.locator('.caption:visible .caption-text');
    await expect.poll(() => rows.count(), SOON).toBe(3);

    await page.locator('#search').fill('CAFE');
    await expect.poll(() => rows.count(), SOON).toBe(2);
    expect(await page.locator('#search-found').textContent()).toBe('2 found');
    await captioner.data({ id: '3', rev: 0, text: 'What café?', final: true, speaker: ALICE });
    await expect.poll(() => page.locator('#search-found').textContent(), SOON).toBe('3 found');
    await picture(page, 'searched');
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.locator('#search').fill('nobody said this');
    expect(await page.locator('#search-found').textContent()).toBe('None found');
    await page.locator('#search').press('Escape');
    await expect.poll(() => rows.count(), SOON).toBe(4);

    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('#download-button').click(),
    ]);
    expect(file.suggestedFilename()).toMatch(/^room-\d+ .*\.vtt$/);
    const text = await readFile(await file.path(), 'utf8');
    expect(text).toContain('WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n<v Alice Ng>Shall we meet');
    expect(text).toContain('00:00:10.000 --> 00:00:11.000\n<v Bob>The Café is closed on Mondays.');
    expect(complaints).toEqual([]);
  });

  test('I say which language I speak, and that I am not to be captioned', async () => {
    const room = on.newRoom();
    const { page, complaints } = await on.enter(room);
    const attributes = async () => {
      const [me] = await on.livekit.rooms.listParticipants(room);
      return {
        language: me?.attributes['captions.language'],
        enabled: me?.attributes['captions.enabled'],
      };
    };
    await page.locator('#speech-button').click();
    const language = page.locator('#own-language');
    await language.selectOption({ label: 'Français' });
    await expect.poll(attributes, SOON).toMatchObject({ language: 'fr' });
    await page.locator('.speech-panel .switch-track').click();
    await expect.poll(attributes, SOON).toEqual({ language: 'fr', enabled: 'false' });
    await picture(page, 'my-speech');
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.setViewportSize(PHONE);
    await picture(page, 'my-speech-phone');
    expect(await sidewaysScroll(page)).toBe(0);
    await page.keyboard.press('Escape');
    const note = page.locator('.person-note').first();
    expect(await note.textContent()).toContain('not captioned');
    expect(await page.locator('#speech-button').innerText()).toBe('Not captioned');

    await page.locator('#speech-button').click();
    await page.locator('.speech-panel .switch-track').click();
    await language.selectOption({ label: 'The room’s language' });
    await expect
      .poll(async () => Object.values(await attributes()).filter(Boolean), SOON)
      .toEqual([]);
    expect(await note.textContent()).not.toContain('not captioned');
    expect(complaints).toEqual([]);
  });
});
