import type { Page } from 'playwright-core';
import type { PageFixture } from './page-fixture.js';
import type { FakePerson } from './page-room.js';

/** Fills a room with a meeting in full swing, and waits until a page that is in it shows all of it. */
export async function playScene(on: PageFixture, room: string, page: Page): Promise<void> {
  const join = async (identity: string, name: string): Promise<FakePerson> => {
    const person = await on.personIn(room, { identity, name });
    await person.publish();
    return person;
  };
  const maya = await join('maya', 'Maya Okafor');
  const jonas = await join('jonas', 'Jonas Lindqvist');
  const priya = await join('priya', 'Priya Raman');
  const captioner = await on.captionerIn(room);
  await captioner.state('live');
  maya.hum();
  await priya.mute();
  const lines: [FakePerson, string, string?][] = [
    [maya, 'Good morning. Shall we go through Thursday before the others join?'],
    [jonas, 'Yes, please. The hall is ours from nine, and lunch comes at noon.'],
    [jonas, 'They asked how many people would like captions on the big screen.'],
    [priya, 'All of us, I would say. Last year I missed half of it in the back row.'],
    [jonas, 'Good. Then I will order', ' the second screen and'],
    [maya, 'And could you ask whether they can turn', ' the lights down a little'],
  ];
  const now = captioner.now;
  for (const [index, [{ who }, settled, unsettled = '']] of lines.entries()) {
    const going = unsettled !== '';
    // Each after the other, except the last two.
    const start = now - (going ? 2000 : (lines.length - index) * 6000);
    await captioner.data({
      id: `scene ${index}`,
      rev: 0,
      text: settled + unsettled,
      settled: settled.length,
      final: !going,
      speaker: who,
      start,
      end: start + (going ? 3000 : 5000),
    });
  }
  await page
    .locator('.caption')
    .nth(lines.length - 1)
    .waitFor();
  await page.locator('.person[data-speaking="true"]').waitFor();
  await page.locator('.person[data-microphone="muted"]').waitFor();
  await page.locator('#captioner[data-state="live"]').waitFor();
}
