import type { ComponentType } from "react";
import type { RouteObject } from "react-router";

/** A page whose code is loaded when somebody goes there: `{ index: true, lazy: lazily(async () => (await import("./ListPage")).ListPage) }`. */
export function lazily(load: () => Promise<ComponentType>): NonNullable<RouteObject["lazy"]> {
  return async () => ({ Component: await load() });
}
