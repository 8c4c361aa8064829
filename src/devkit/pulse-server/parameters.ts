/** Reads the strings of a query one by one and collects everything that is wrong with them. */
export class Parameters {
  readonly faults: string[] = [];
  constructor(private readonly query: URLSearchParams) {}

  text(name: string): string | undefined {
    return this.query.get(name) ?? undefined;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.text(name);
    if (value === undefined) return fallback;
    if (value === 'true') return true;
    if (value === 'false') return false;
    this.faults.push(`${name} must be "true" or "false"`);
    return fallback;
  }

  whole(name: string, fallback: number, least: number, most: number): number {
    return this.optionalWhole(name, least, most) ?? fallback;
  }

  optionalWhole(name: string, least: number, most: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    this.faults.push(`${name} must be a whole number from ${least} to ${most}`);
    return undefined;
  }

  oneOf(name: string, allowed: readonly string[], fallback?: string): string {
    const value = this.text(name) ?? fallback;
    if (value !== undefined && allowed.includes(value)) return value;
    this.faults.push(
      value === undefined ? `${name} is required` : `${name} must be one of ${allowed.join(', ')}`,
    );
    return fallback ?? '';
  }
}
