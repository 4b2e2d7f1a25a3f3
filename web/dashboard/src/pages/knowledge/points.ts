// The API counts Unicode characters; a string here counts UTF-16 units.

/** A text that can be cut where the API says. */
export function cutter(text: string): (start: number, end?: number) => string {
  if (!/[\uD800-\uDBFF]/.test(text)) return (start, end) => text.slice(start, end);
  const points = Array.from(text);
  return (start, end) => points.slice(start, end).join("");
}
