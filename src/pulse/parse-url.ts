/**
 * `URL.parse`, which Node 20 does not have; its `canParse`, once it is hot, finds some texts right that are none.
 * @returns undefined for what is no address
 */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
