/** How many ids the model can answer with. The tokenizer names the first 32,000 of them. */
export const TOKEN_COUNT = 32_768;

/**
 * The file that tells sherpa-onnx what the model's ids mean: a line `<base64 of the piece> <id>` for each. The ids
 * above the vocabulary mean nothing, but a file without them makes sherpa-onnx end the whole process silently.
 *
 * @throws Error when the result would not have a line for each id.
 */
export function tokensFile(vocabulary: readonly string[]): string {
  const lines = Array.from({ length: TOKEN_COUNT }, (_, id) => {
    const piece = vocabulary[id] ?? `<unused_${id}>`;
    return `${Buffer.from(piece, 'utf8').toString('base64')} ${id}`;
  });
  if (vocabulary.length > TOKEN_COUNT || vocabulary.length < 32_000 || vocabulary.includes('')) {
    throw new Error(`A vocabulary of ${vocabulary.length} pieces does not belong to this model.`);
  }
  return `${lines.join('\n')}\n`;
}
