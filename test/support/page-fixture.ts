import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { startPageServer, type PageServer } from '../../src/devkit/page-server.js';
import { launchBrowser } from './chromium.js';
import { startTestLiveKit, type TestLiveKit } from './livekit.js';
import { openPage, type OpenedPage, type PageOptions } from './page-browser.js';
import { FakeCaptioner, FakePerson } from './page-room.js';

interface Closable {
  close(): Promise<unknown>;
}

/** What tests of the page share: the servers and a browser for all, and what is closed after each. */
export interface PageFixture {
  readonly livekit: TestLiveKit;
  readonly browser: Browser;
  /** A name that no other test uses. */
  newRoom(): string;
  visit(query?: string, options?: PageOptions): Promise<OpenedPage>;
  /** Somebody who only reads, in the room. */
  enter(room: string, options?: PageOptions): Promise<OpenedPage>;
  captionerIn(room: string): Promise<FakeCaptioner>;
  personIn(room: string, who: { identity: string; name: string }): Promise<FakePerson>;
  closeLater(...things: Closable[]): void;
}

/** To be called where tests are declared. */
export function usePage(): PageFixture {
  let shared: { livekit: TestLiveKit; server: PageServer; browser: Browser } | undefined;
  const started = (): NonNullable<typeof shared> => {
    if (!shared) throw new Error('The servers of the page start before its tests');
    return shared;
  };
  const open: Closable[] = [];
  let rooms = 0;

  beforeAll(async () => {
    const livekit = await startTestLiveKit();
    const { url: livekitUrl, apiKey, apiSecret } = livekit;
    const server = await startPageServer({
      livekitUrl,
      apiKey,
      apiSecret,
      port: 0,
      defaultRoom: 'demo',
    });
    shared = { livekit, server, browser: await launchBrowser() };
  });

  afterEach(async () => {
    for (const thing of open.splice(0).reverse()) await thing.close();
  });

  afterAll(async () => {
    await shared?.browser.close();
    await shared?.server.close();
    await shared?.livekit.close();
  });

  const fixture: PageFixture = {
    get livekit() {
      return started().livekit;
    },
    get browser() {
      return started().browser;
    },
    newRoom: () => `room ${(rooms += 1)}`,
    async visit(query = '', options = {}) {
      const { browser, server } = started();
      const opened = await openPage(browser, `${server.url}/${query}`, options);
      open.push(opened);
      return opened;
    },
    async enter(room, options = {}) {
      const query = new URLSearchParams({ room, name: 'Reader', autojoin: '1' });
      const opened = await fixture.visit(`?${query.toString()}`, options);
      await opened.page.locator('#room-view').waitFor();
      return opened;
    },
    async captionerIn(room) {
      const captioner = await FakeCaptioner.join(started().livekit, { room });
      open.push({ close: () => captioner.leave() });
      return captioner;
    },
    async personIn(room, who) {
      const person = await FakePerson.join(started().livekit, { room, ...who });
      open.push({ close: () => person.leave() });
      return person;
    },
    closeLater: (...things) => {
      open.push(...things);
    },
  };
  return fixture;
}
