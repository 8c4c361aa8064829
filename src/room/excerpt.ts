const LONGEST = 20;

/**
 * The beginning of what somebody wrote where it is wrong, to be shown to everybody: letters, digits and a few signs.
 * Markup, control characters and what turns the text around it become spaces.
 */
export function excerpt(text: string): string {
  const clean = text
    .slice(0, 200)
    .replace(/[^\p{L}\p{N}_.:-]+/gu, ' ')
    .trim();
  const characters = Array.from(clean);
  if (characters.length <= LONGEST && text.length <= 200) return clean;
  return `${characters.slice(0, LONGEST).join('').trim()}…`;
}
