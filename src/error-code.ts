/** What Node's own errors say in one word: `ENOENT`, `EADDRINUSE`; empty where there is nothing. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
