// What outlives a page: in the browser's storage, or (where that is denied) as long as the page lives.

export class Kept {
  private _own: Record<string, unknown> = {};

  constructor(
    private readonly _name: string,
    private readonly _place: "localStorage" | "sessionStorage",
  ) {
    try {
      this._own = JSON.parse(window[_place].getItem(_name)!) ?? {};
    } catch {
      // Denied or broken: begin anew.
    }
  }

  get<T>(key: string): T | null {
    return (this._own[key] as T | undefined) ?? null;
  }

  set(key: string, value: unknown): void {
    this._own[key] = value;
    this._save();
  }

  clear(): void {
    this._own = {};
    this._save();
  }

  private _save(): void {
    try {
      window[this._place].setItem(this._name, JSON.stringify(this._own));
    } catch {
      // Full or denied: it holds until the page goes.
    }
  }
}
