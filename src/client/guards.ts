/** Checks of what came over the wire. No schema library: browsers would have to load it. */
export type Fields = Readonly<Record<string, unknown>>;

/** What is longer is cut: no caption is, and a page must not choke on one. */
const LONGEST_TEXT = 5000;
const LONGEST_ID = 200;

/** @returns undefined for what is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function objectOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
}

export function idOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_ID
    ? value
    : undefined;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, LONGEST_TEXT) : undefined;
}

export function languageOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^[a-z]{2,8}(-[a-z0-9]{1,8}){0,3}$/i.test(value)
    ? value
    : undefined;
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
