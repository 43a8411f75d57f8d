/** Cuts to so many UTF-16 units at most, marked with an ellipsis, never inside a surrogate pair. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = text.codePointAt(length - 2) ?? 0;
  return `${text.slice(0, end > 0xffff ? length - 2 : length - 1)}…`;
}
