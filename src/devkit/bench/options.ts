/** The numbers of an option such as `1,5,10`. @throws RangeError for anything else */
export function numbers(text: string): number[] {
  if (text === '') return [];
  return text.split(',').map(wholeNumber);
}

/** @throws RangeError when it is not a whole number from 1 */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`"${text}" is not a whole number from 1`);
}

/** Progress of a benchmark, for whoever watches. */
export function print(line: string): void {
  console.log(line);
}
