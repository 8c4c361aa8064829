const MEGABYTE = 2 ** 20;

/** Of this process, in MB. */
export interface Memory {
  readonly nowMb: number;
  readonly peakMb: number;
  /** What is in use, once what is not has been collected. */
  readonly heapMb: number;
}

export function memory(): Memory {
  const nowMb = Math.round(process.memoryUsage.rss() / MEGABYTE);
  const peakMb = Math.round((process.resourceUsage().maxRSS * 1024) / MEGABYTE);
  global.gc?.();
  const heapMb = Number((process.memoryUsage().heapUsed / MEGABYTE).toFixed(1));
  return { nowMb, peakMb, heapMb };
}
