/** A participant's or a stream's attributes: LiveKit sees to it that they are texts. */
export function attributesIn(json: string): Record<string, string> {
  try {
    const raw: unknown = JSON.parse(json);
    if (typeof raw !== 'object' || raw === null) return {};
    return Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, textOf(value)]));
  } catch {
    return { 'captions.language': json, 'captions.enabled': json, 'captions.rev': json };
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
