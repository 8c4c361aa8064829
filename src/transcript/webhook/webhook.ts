import { createHash } from 'node:crypto';
import { TranscriptError } from '../errors.js';
import type { WebhookEvent } from './events.js';

export interface WebhookConfig {
  readonly url: string;
  /** Whether each segment is told, besides the beginning and the end of a transcript. */
  readonly segments: boolean;
  /** What events are signed with: the receiver needs the same pair. */
  readonly apiKey: string;
  readonly apiSecret: string;
}

const ANSWER_MS = 10_000;
/** A receiver that reads it later than this takes it for somebody else's. */
const SIGNED_FOR = '5m';

/** Tells a receiver what happens, signed as LiveKit signs its own webhooks. */
export class Webhook {
  readonly config: WebhookConfig;

  constructor(config: WebhookConfig) {
    this.config = config;
  }

  /**
   * One try.
   * @returns when the receiver has taken it
   * @throws TranscriptError `webhook_failed`
   */
  async send(event: WebhookEvent): Promise<void> {
    try {
      const status = await signedPost(this.config, JSON.stringify(event));
      if (status < 200 || status > 299) throw new Error(`it answers ${status}`);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new TranscriptError(
        'webhook_failed',
        `The receiver at WEBHOOK_URL does not take an event (${why}): see that it is reachable and answers with 2xx. Events wait on the disk.`,
        { cause },
      );
    }
  }
}

/**
 * Sends a body with its signature, as LiveKit signs its own.
 * @returns the HTTP status of the answer
 * @throws Error of `fetch` where there is none
 */
export async function signedPost(config: WebhookConfig, body: string): Promise<number> {
  const response = await fetch(config.url, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/webhook+json',
      Authorization: await sign(config, body),
    },
    body,
    // The signed body would not go along.
    redirect: 'manual',
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  await response.body?.cancel();
  return response.status;
}

async function sign({ apiKey, apiSecret }: WebhookConfig, body: string): Promise<string> {
  // Loaded with the first event: who has no webhook does not pay for it.
  const { AccessToken } = await import('livekit-server-sdk');
  const token = new AccessToken(apiKey, apiSecret, { ttl: SIGNED_FOR });
  token.sha256 = createHash('sha256').update(body).digest('base64');
  return token.toJwt();
}
