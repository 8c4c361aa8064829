import type { Config } from '../config/config.js';
import { checkBucket } from './bucket.js';
import { clockVerdict } from './clock.js';
import { type CheckName, type Report, skipped, type Verdict, verdictOf } from './finding.js';
import { checkFolder } from './folder.js';
import { checkHealthPort } from './health-port.js';
import { type AddressVerdict, checkAddress } from './livekit-address.js';
import { checkKey, roomService } from './livekit-key.js';
import { checkPulse } from './pulse.js';
import { checkWebhook } from './webhook.js';

const LIMIT_MS = 15_000;

/**
 * Looks at all that a worker with this configuration will need, at the same time where one does not need the other,
 * and leaves nothing behind. Each check is reported once, when it is known.
 */
export async function checkAll(config: Config, report: Report): Promise<void> {
  const look = async (check: CheckName, work: (signal: AbortSignal) => Promise<Verdict>) =>
    report({ check, ...(await verdictOf(LIMIT_MS, work)) });
  const off = (check: CheckName, variable: string) =>
    report({ check, ...skipped(`${variable} is not set`) });

  const { transcript, pulse, worker } = config;
  const work = [
    checkLiveKit(config, report),
    look('pulse', (signal) => checkPulse(pulse, signal)),
    look('health port', () => checkHealthPort(worker.healthPort)),
  ];
  if (transcript) work.push(look('transcripts', () => checkFolder(transcript.directory)));
  else off('transcripts', 'TRANSCRIPT_DIR');
  const { store, webhook } = transcript ?? {};
  if (store) work.push(look('store', () => checkBucket(store)));
  else off('store', 'TRANSCRIPT_STORE');
  if (webhook) work.push(look('webhook', () => checkWebhook(webhook)));
  else off('webhook', 'WEBHOOK_URL');
  await Promise.all(work);
}

async function checkLiveKit(config: Config, report: Report): Promise<void> {
  const skip = (checks: readonly CheckName[], needed: CheckName) =>
    checks.forEach((check) => report({ check, ...skipped(`needs: ${needed}`) }));

  let answer: AddressVerdict | undefined;
  const address = await verdictOf(LIMIT_MS, async (signal) => {
    answer = await checkAddress(config.livekit.url, signal);
    return answer.verdict;
  });
  report({ check: 'livekit address', ...address });
  if (address.level === 'failed' || !answer?.time) {
    skip(['clock', 'livekit key', 'worker', 'room', 'media', 'rpc'], 'livekit address');
    return;
  }
  report({ check: 'clock', ...clockVerdict(answer.time) });
  const service = roomService(config.livekit);
  const key = await verdictOf(LIMIT_MS, () => checkKey(service));
  report({ check: 'livekit key', ...key });
  if (key.level === 'failed') {
    skip(['worker', 'room', 'media', 'rpc'], 'livekit key');
    return;
  }
  // Media is native code, which takes a moment to load.
  const { checkRoom } = await import('./livekit-room.js');
  await checkRoom(config, service, report);
}
