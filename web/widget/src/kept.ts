// What outlives a page: in the browser's storage, or (where that is denied) as long as the page lives.

export type Kept = ReturnType<typeof keep>;

export function keep(name: string, place: "localStorage" | "sessionStorage") {
  let own: Record<string, unknown> = {};
  try {
    own = JSON.parse(window[place].getItem(name)!) ?? {};
  } catch {
    // Denied or broken: begin anew.
  }
  const save = (): void => {
    try {
      window[place].setItem(name, JSON.stringify(own));
    } catch {
      // Full or denied: it holds until the page goes.
    }
  };
  return {
    get: <T>(key: string): T | null => (own[key] as T | undefined) ?? null,
    set(key: string, value: unknown): void {
      own[key] = value;
      save();
    },
    /** Nothing is left but this. */
    clear(left: Record<string, unknown> = {}): void {
      own = left;
      save();
    },
  };
}
