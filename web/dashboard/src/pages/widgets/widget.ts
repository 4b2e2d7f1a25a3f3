import { api, keys, take, type Wire } from "../../api";

export type Widget = Wire["WidgetOut"];

/** With everything that has a default: what the server answers always has all of it. */
type Whole<T> = T extends readonly (infer Item)[] ? Whole<Item>[] : T extends object ? { [Name in keyof T]-?: Whole<Exclude<T[Name], undefined>> } : T;
export type Settings = Whole<Wire["Configuration"]>;
export type Rule = Settings["behavior"]["proactive"][number];
export type Trigger = Settings["lead_capture"]["triggers"][number];
export type LeadField = Settings["lead_capture"]["fields"][number];
export type Hours = NonNullable<Settings["handoff"]["business_hours"]>;

export const widgetsKey = (projectId: string) => keys.project(projectId, "widgets");
export const widgetKey = (projectId: string, widgetId: string) => keys.project(projectId, "widgets", widgetId);

export function settingsOf(widget: Widget): Settings {
  const { name, enabled, branding, launcher, content, behavior, lead_capture, handoff, attachments, security, limits } = widget as Widget & Settings;
  return { name, enabled, branding, launcher, content, behavior, lead_capture, handoff, attachments, security, limits };
}

export function change(projectId: string, widgetId: string, body: object): Promise<Widget> {
  return take(api.PATCH("/v1/projects/{project_id}/widgets/{widget_id}", { params: { path: { project_id: projectId, widget_id: widgetId } }, body }));
}

/** What to send so that `before` becomes `after`: a merge patch (RFC 7396), where null takes a name away. */
export function patchOf(before: object, after: object): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  const old = before as Record<string, unknown>;
  const next = after as Record<string, unknown>;
  for (const name of Object.keys(old)) if (!(name in next)) patch[name] = null;
  for (const [name, value] of Object.entries(next)) {
    if (same(old[name], value)) continue;
    const was = old[name];
    patch[name] = isPart(value) && isPart(was) ? patchOf(was, value) : value;
  }
  return patch;
}

export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function isPart(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
