const MEGABYTE = 2 ** 20;

/** Of this process, in MB. */
export interface Memory {
  readonly nowMb: number;
  readonly peakMb: number;
}

export function memory(): Memory {
  return {
    nowMb: Math.round(process.memoryUsage.rss() / MEGABYTE),
    peakMb: Math.round((process.resourceUsage().maxRSS * 1024) / MEGABYTE),
  };
}
