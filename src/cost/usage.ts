/** What was sent to the speech service and what it costs. */
export interface Usage {
  /** Milliseconds of audio that were sent: what is billed. */
  readonly audioMs: number;
  /** Milliseconds of speech in it, from the beginning of each turn to its end. */
  readonly speechMs: number;
  /** In the currency of the rate, US dollars by default. */
  readonly price: number;
}

export interface TrackUsage extends Usage {
  /** Its sid. Whose it was, captions tell. */
  readonly track: string;
}

export interface RoomUsageSummary extends Usage {
  readonly tracks: readonly TrackUsage[];
  /** By the language that was heard, or asked for where the service does not tell. */
  readonly languages: Readonly<Record<string, Usage>>;
}

const HOUR_MS = 3_600_000;

/** @param ratePerHour of audio; the price is in the same currency */
export function priceOf(audioMs: number, ratePerHour: number): number {
  return (audioMs / HOUR_MS) * ratePerHour;
}

/** @param ratePerHour of audio */
export function usageOf(audioMs: number, speechMs: number, ratePerHour: number): Usage {
  const price = priceOf(audioMs, ratePerHour);
  return {
    audioMs: Math.round(audioMs),
    speechMs: Math.round(speechMs),
    price: Number(price.toFixed(6)),
  };
}
