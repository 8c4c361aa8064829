import { chromium, type Browser } from 'playwright-core';
import type { TestContext } from 'vitest';
import { ChromiumError, findChromium, isCi } from '../../src/devkit/chromium.js';

export interface BrowserOptions {
  /** Path of a WAV file that the browser's microphone says over and over. Default: beeps. */
  readonly microphone?: string;
}

const MISSING =
  'There is no Chromium: install chromium or Google Chrome, or set CHROME_PATH to one, to run this test.';

/**
 * Runs `use` with a headless browser and closes it. Where there is none, the test is counted as skipped; in CI it
 * fails.
 */
export async function withBrowser(
  context: Pick<TestContext, 'skip'>,
  use: (browser: Browser) => Promise<void>,
  options: BrowserOptions = {},
): Promise<void> {
  if (!findChromium(process.env) && !isCi(process.env)) context.skip(MISSING);
  const browser = await launchBrowser(options);
  try {
    await use(browser);
  } finally {
    await browser.close();
  }
}

/**
 * A headless browser that reaches nothing but this machine, with a microphone that needs no permission.
 * @throws ChromiumError when there is none.
 */
export async function launchBrowser({ microphone }: BrowserOptions = {}): Promise<Browser> {
  const executablePath = findChromium(process.env);
  if (!executablePath) throw new ChromiumError(MISSING);
  return chromium.launch({
    executablePath,
    headless: true,
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      ...(microphone ? [`--use-file-for-fake-audio-capture=${microphone}`] : []),
      '--autoplay-policy=no-user-gesture-required',
      // Addresses of this machine as they are, not as mDNS names that nobody here answers for.
      '--disable-features=WebRtcHideLocalIpsWithMdns',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-pings',
    ],
  });
}
