import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { StoreLocation } from '../transcript/store/location.js';
import { ObjectStore } from '../transcript/store/objects.js';
import { failed, ok, type Verdict, warning } from './finding.js';

const FOR_THE_KEY = 'check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';

/** The names of S3's refusals, and of the SDK's own, with what to do. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/^NoSuchBucket$/, 'there is no such bucket: make it, or correct TRANSCRIPT_STORE'],
  [
    /^(AccessDenied|Forbidden|AllAccessDisabled)$/,
    'the key may not: it needs s3:PutObject, s3:GetObject, s3:DeleteObject and s3:ListBucket there',
  ],
  [/^(InvalidAccessKeyId|XAdminUserNotFound)$/, `the store does not know the key: ${FOR_THE_KEY}`],
  [/^SignatureDoesNotMatch$/, `the secret does not fit the key: ${FOR_THE_KEY}`],
  [/^RequestTimeTooSkewed$/, "this machine's clock is wrong: let it take its time by NTP"],
  [
    /^(PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException)$/,
    'the bucket is in another region: set AWS_REGION',
  ],
  [
    /^(CredentialsProviderError|TokenProviderError)$/,
    'there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role',
  ],
];

/** Puts a small object, reads and lists it, and deletes it: all that a worker does there. */
export async function checkBucket(location: StoreLocation): Promise<Verdict> {
  const store = new ObjectStore(location);
  const name = `captions-check-${randomUUID()}`;
  const address = store.address('');
  let put = false;
  try {
    await store.put(name, 'captions check', 'text/plain');
    put = true;
    const read = await text(await store.get(name));
    const listed = await store.list(name);
    await store.delete([name]);
    put = false;
    if (read !== 'captions check' || listed.length !== 1) {
      return failed(`${address} does not give back what was put: is it an S3 store?`);
    }
    return ok(`${address} takes, gives, lists and deletes objects`);
  } catch (error) {
    return put ? keptVerdict(store.address(name), error) : failed(storeFault(address, error));
  } finally {
    await store.close();
  }
}

/** What could be put and then not be read, listed or deleted. */
function keptVerdict(object: string, error: unknown): Verdict {
  return warning(`${storeFault(object, error)}. That object is left there: delete it`);
}

/** @param error of `ObjectStore`; @returns what is wrong and what to do */
export function storeFault(address: string, error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const name = cause instanceof Error ? cause.name : '';
  const advice = ADVICE.find(([names]) => names.test(name))?.[1];
  if (advice !== undefined) return `${address}: ${advice} (${name})`;
  return error instanceof Error ? error.message : String(error);
}
