/** Has the browser save a text as a file. */
export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has read it by the next turn, and not always before.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}

/** A name that every file system takes: letters, digits and dashes of the room's, and the time. */
export function fileName(room: string, now: Date): string {
  const plain = room
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return `${plain || 'meeting'} ${now.toISOString().slice(0, 16).replace('T', ' ').replace(':', '.')}.vtt`;
}
