interface Reading<Input> {
  /** Whose input it is, and what of it. */
  readonly name: string;
  /** Valid inputs, of which the others are made. */
  readonly seeds: readonly Input[];
  /**
   * Reads one input as the product does, and checks what came out.
   * @throws what the product throws; `mayThrow` tells which of that is an answer and no fault
   */
  read(input: Input): unknown;
  mayThrow?(error: unknown): boolean;
  /** Through a socket, or otherwise so slow that a tenth of the inputs has to do. */
  readonly slow?: boolean;
}

/** Something that reads what others send or wrote. */
export type FuzzedParser =
  | ({ readonly kind: 'text' } & Reading<string>)
  | ({ readonly kind: 'bytes' } & Reading<Uint8Array>);

export function textParser(reading: Reading<string>): FuzzedParser {
  return { kind: 'text', ...reading };
}

export function byteParser(reading: Reading<Uint8Array>): FuzzedParser {
  return { kind: 'bytes', ...reading };
}

/** @throws Error unless every number in it, however deep, is one that JSON has */
export function assertFinite(value: unknown): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`a time is ${value}`);
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(assertFinite);
}
