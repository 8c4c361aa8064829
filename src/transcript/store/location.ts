/** A place in an object store. */
export interface StoreLocation {
  readonly bucket: string;
  /** Of the keys: empty, or with a slash at its end. */
  readonly prefix: string;
}

/** @returns undefined for what is not `s3://bucket` or `s3://bucket/prefix` */
export function parseStoreLocation(address: string): StoreLocation | undefined {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(address);
  if (!match?.[1]) return undefined;
  const prefix = (match[2] ?? '').split('/').filter(Boolean).join('/');
  return { bucket: match[1], prefix: prefix === '' ? '' : `${prefix}/` };
}
