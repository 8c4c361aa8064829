import { randomUUID } from 'node:crypto';
import { signedPost, type WebhookConfig } from '../transcript/webhook/webhook.js';
import { failed, ok, type Verdict, warning } from './finding.js';
import { networkFault } from './network-fault.js';

/** Sends one signed event of a kind of its own, which receivers leave aside as any that they do not know. */
export async function checkWebhook(config: WebhookConfig): Promise<Verdict> {
  const address = new URL(config.url);
  const event = {
    event: 'captions.check',
    id: `check:${randomUUID()}`,
    createdAt: String(Math.floor(Date.now() / 1000)),
  };
  try {
    const status = await signedPost(config, JSON.stringify(event));
    return statusVerdict(address.host, status);
  } catch (error) {
    return failed(networkFault(error, address, 'WEBHOOK_URL'));
  }
}

function statusVerdict(host: string, status: number): Verdict {
  if (status >= 200 && status < 300) return ok(`${host} took a signed event (captions.check)`);
  if (status === 401 || status === 403) {
    return failed(
      `${host} refuses the signature (${status}): the receiver has to check it with the same LIVEKIT_API_KEY and LIVEKIT_API_SECRET`,
    );
  }
  if (status >= 300 && status < 400) {
    return failed(`${host} sends to another place (${status}): set WEBHOOK_URL to that`);
  }
  if (status === 404 || status === 405 || status === 410) {
    return failed(`${host} has no receiver at this path (${status}): correct WEBHOOK_URL`);
  }
  if (status < 500) {
    return warning(
      `${host} answers ${status} to an event of a kind that it may not know (captions.check): see that it answers 2xx to transcript.started and transcript.finished`,
    );
  }
  return failed(`${host} answers ${status}: see the receiver's log`);
}
