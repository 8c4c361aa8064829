import { mkdir } from 'node:fs/promises';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

const OUTPUT = 'test-output/page';

export const DESKTOP = { width: 1280, height: 800 };
/** As narrow as WCAG asks a page to reflow. */
export const PHONE = { width: 320, height: 680 };

export interface PageOptions extends BrowserContextOptions {
  /** Runs in the page before its own scripts. */
  readonly prepare?: () => void;
}

export interface OpenedPage {
  readonly page: Page;
  /** Errors and refusals of the browser, such as those of the page's security policy. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** A row of captions, as it is seen. */
export interface ShownCaption {
  readonly name: string;
  readonly settled: string;
  readonly unsettled: string;
}

declare global {
  interface Window {
    /** What the live region was given, line by line. */
    spokenLines: string[];
  }
}

/** The meeting page in a browser context of its own. */
export async function openPage(
  browser: Browser,
  url: string,
  { prepare, ...options }: PageOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: DESKTOP, locale: 'en-GB', ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.addInitScript(recordSpokenLines);
  if (prepare) await page.addInitScript(prepare);
  await page.goto(url);
  return { page, complaints, close: () => context.close() };
}

/** Every call starts anew with the page. The live region is the overlay's. */
function recordSpokenLines(): void {
  window.spokenLines = [];
  void customElements.whenDefined('room-captions').then(() => {
    const region = document.querySelector('room-captions')?.shadowRoot?.querySelector('[role=log]');
    if (!region) return;
    new MutationObserver((records) => {
      for (const { addedNodes } of records) {
        for (const node of addedNodes) window.spokenLines.push(node.textContent ?? '');
      }
    }).observe(region, { childList: true });
  });
}

export function spokenLines(page: Page): Promise<string[]> {
  return page.evaluate(() => window.spokenLines);
}

export function shownCaptions(page: Page): Promise<ShownCaption[]> {
  return page.locator('.caption:visible').evaluateAll((rows) =>
    rows.map((row) => {
      const text = (selector: string): string => row.querySelector(selector)?.textContent ?? '';
      return {
        name: text('.caption-name'),
        settled: text('.settled'),
        unsettled: text('.unsettled'),
      };
    }),
  );
}

/** A line a person: their name, and what is said of them. */
export function shownPeople(page: Page): Promise<string[]> {
  return page.locator('.person').evaluateAll((people) =>
    people.map((person) => {
      const text = (selector: string): string => person.querySelector(selector)?.textContent ?? '';
      const note = text('.person-note');
      return `${text('.person-name')}${text('.person-state')}${note && ` (${note})`}`;
    }),
  );
}

/**
 * For `prepare`: the browser refuses the microphone, and plays no sound until the window gets the event
 * `allow-sound`, which stands for the click of a person.
 */
export function refuseDevices(): void {
  navigator.mediaDevices.getUserMedia = () =>
    Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));
  const refuse = (): Promise<void> =>
    Promise.reject(new DOMException('Not yet', 'NotAllowedError'));
  const play = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'play') ?? {};
  Object.defineProperty(HTMLMediaElement.prototype, 'play', { ...play, value: refuse });
  window.addEventListener('allow-sound', () => {
    Object.defineProperty(HTMLMediaElement.prototype, 'play', play);
  });
}

/** A picture to look at afterwards. */
export async function picture(page: Page, name: string): Promise<void> {
  await mkdir(OUTPUT, { recursive: true });
  await page.screenshot({ path: `${OUTPUT}/${name}.png`, animations: 'disabled' });
}

/** What axe finds wrong, one line a rule. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe: inPage } = globalThis as unknown as { axe: typeof axe };
    const { violations } = await inPage.run();
    return violations.map(
      ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`,
    );
  });
}

/** Keys and wheels scroll smoothly: resolves when the captions have come to rest. */
export function scrollEnd(page: Page): Promise<void> {
  return page.locator('#captions').evaluate(
    (scroller) =>
      new Promise<void>((resolve) => {
        scroller.addEventListener('scrollend', () => resolve(), { once: true });
      }),
  );
}

/** How far the page can be scrolled sideways, in pixels. */
export function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });
}
