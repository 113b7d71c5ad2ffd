/** Text lines of a byte stream. */

/**
 * Each line that ends with a newline, without it; empty ones are left out, and what comes after the last newline too:
 * it is the beginning of something that was cut.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      parts.push(text.slice(start, end));
      const line = parts.join('');
      parts = [];
      start = end + 1;
      if (line.trim() !== '') yield line;
    }
    parts.push(text.slice(start));
  }
}
