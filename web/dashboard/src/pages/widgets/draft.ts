import { createContext, useContext } from "react";

import { ApiError } from "../../api";
import type { Settings, Widget } from "./widget";

/** Every part of the settings by its address, as the server writes it: `branding.colors.primary`. */
export type At<T = Settings> = T extends readonly unknown[] ? never : T extends object ? { [Name in keyof T & string]: Name | `${Name}.${At<NonNullable<T[Name]>>}` }[keyof T & string] : never;

export interface Draft {
  projectId: string;
  widget: Widget;
  settings: Settings;
  error: Error | null;
  mayChange: boolean;
  set: (at: At, value: unknown) => void;
}

const Here = createContext<Draft | null>(null);
export const DraftProvider = Here.Provider;

/** The settings as they stand here, saved or not. */
export function useDraft(): Draft {
  const draft = useContext(Here);
  if (draft === null) throw new Error("This is a part of a widget's page.");
  return draft;
}

export function valueAt(settings: Settings, at: At): unknown {
  return at.split(".").reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], settings);
}

/** The settings with one part changed, the rest untouched. */
export function withValue<T extends object>(settings: T, at: string, value: unknown): T {
  const [name = "", ...rest] = at.split(".");
  const old = (settings as Record<string, unknown>)[name];
  return { ...settings, [name]: rest.length === 0 ? value : withValue(old as object, rest.join("."), value) };
}

/** What the server has against a part, or against anything within it. */
export function errorOn(error: Error | null, at: string): string | null {
  if (!(error instanceof ApiError) || error.param === null) return null;
  return error.param === at || error.param.startsWith(`${at}.`) || error.param.startsWith(`${at}[`) ? error.message : null;
}
