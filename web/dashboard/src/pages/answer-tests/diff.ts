export interface Piece {
  text: string;
  kind: "same" | "gone" | "new";
}

const WORDS_MAX = 600;

/** How one text became another, word by word: the longest words in common stay (Wagner and Fischer 1974). */
export function difference(before: string, after: string): Piece[] {
  const old = wordsOf(before);
  const now = wordsOf(after);
  if (old.length > WORDS_MAX || now.length > WORDS_MAX) {
    return [
      { text: before, kind: "gone" },
      { text: after, kind: "new" },
    ];
  }
  const common = lengths(old, now);
  const pieces: Piece[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      push(pieces, old[i] ?? "", "same");
      i += 1;
      j += 1;
    } else if (i < old.length && (j === now.length || (common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0))) {
      push(pieces, old[i] ?? "", "gone");
      i += 1;
    } else {
      push(pieces, now[j] ?? "", "new");
      j += 1;
    }
  }
  return pieces;
}

/** How many words the rests from i and from j have in common, in order. */
function lengths(old: readonly string[], now: readonly string[]): number[][] {
  const table = Array.from({ length: old.length + 1 }, () => new Array<number>(now.length + 1).fill(0));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    const row = table[i] ?? [];
    const below = table[i + 1] ?? [];
    for (let j = now.length - 1; j >= 0; j -= 1) {
      row[j] = old[i] === now[j] ? 1 + (below[j + 1] ?? 0) : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return table;
}

function wordsOf(text: string): string[] {
  return text.split(/(?<=\s)/);
}

function push(pieces: Piece[], text: string, kind: Piece["kind"]): void {
  const last = pieces.at(-1);
  if (last?.kind === kind) last.text += text;
  else pieces.push({ text, kind });
}
