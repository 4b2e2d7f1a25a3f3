import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Outlet, useLocation, useParams } from "react-router";

import { api, hasCode, take, useCan } from "../../api";
import { NothingHere } from "../../app/NothingHere";
import { useProject } from "../../app/project";
import { Badge, ErrorNote, Page, PageHeader, Skeleton, TabLinks, useToast } from "../../design";
import { DraftProvider, withValue } from "./draft";
import { Preview } from "./Preview";
import { SaveBar } from "./SaveBar";
import { change, patchOf, same, settingsOf, widgetKey, widgetsKey, type Settings, type Widget } from "./widget";
import { WidgetMenu } from "./WidgetMenu";
import style from "./Widgets.module.css";

const TABS: readonly [string, string][] = [
  ["", "Look"],
  ["/content", "Words"],
  ["/behavior", "Behaviour"],
  ["/leads", "Leads"],
  ["/handoff", "Hand-off"],
  ["/security", "Security and limits"],
  ["/install", "Install"],
  ["/history", "History"],
];
const WITHOUT_PREVIEW = /\/(install|history)$/;

/** The designer of one widget. Its tabs share one draft, which is kept until it is saved or discarded. */
export function WidgetPage() {
  const { id } = useProject();
  const { widgetId = "" } = useParams();
  const query = useQuery({
    queryKey: widgetKey(id, widgetId),
    queryFn: () => take(api.GET("/v1/projects/{project_id}/widgets/{widget_id}", { params: { path: { project_id: id, widget_id: widgetId } } })),
  });
  if (query.data) return <Designer key={widgetId} projectId={id} widget={query.data} />;
  if (hasCode(query.error, "not_found")) return <NothingHere />;
  return <Page>{query.error ? <ErrorNote error={query.error} onRetry={() => void query.refetch()} /> : <Skeleton lines={9} label="Loading the widget" />}</Page>;
}

function Designer({ projectId, widget }: { projectId: string; widget: Widget }) {
  const mayChange = useCan("widgets");
  const base = `/projects/${projectId}/widgets/${widget.id}`;
  const isPreviewed = !WITHOUT_PREVIEW.test(useLocation().pathname);
  const saved = settingsOf(widget);
  const [kept, setKept] = useState<Settings | null>(null);
  const [round, setRound] = useState(0);
  const settings = kept ?? saved;
  const isChanged = !same(settings, saved);
  const startOver = () => {
    setKept(null);
    setRound((before) => before + 1);
  };
  const save = useSaving(projectId, widget, startOver);
  const draft = { projectId, widget, settings, error: save.error, mayChange, set: (at: string, value: unknown) => setKept((before) => withValue(before ?? saved, at, value)) };
  const discard = () => {
    save.reset();
    startOver();
  };
  return (
    <DraftProvider value={draft}>
      <Page>
        <PageHeader
          title={widget.name}
          words={widget.enabled === false ? <Badge>Off: no page shows it</Badge> : <Badge tone="good">On</Badge>}
          back={{ to: `/projects/${projectId}/widgets`, label: "Widgets" }}
          actions={mayChange ? <WidgetMenu projectId={projectId} widget={widget} /> : null}
        />
        <TabLinks label="Parts of the widget" links={TABS.map(([path, label]) => ({ to: base + path, label, end: true }))} />
        <div className={isPreviewed ? style.designer : undefined}>
          <div key={round} className={style.form}>
            <Outlet />
          </div>
          {isPreviewed && <Preview />}
        </div>
        <SaveBar base={base} isChanged={isChanged} isSaving={save.isPending} error={save.error} onSave={() => save.mutate(patchOf(saved, settings))} onDiscard={discard} />
      </Page>
    </DraftProvider>
  );
}

function useSaving(projectId: string, widget: Widget, onSaved: () => void) {
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: (patch: object) => change(projectId, widget.id, patch),
    onSuccess: (now) => {
      client.setQueryData(widgetKey(projectId, widget.id), now);
      onSaved();
      toast({ message: "Saved. Open windows take it over within a minute." });
      return client.invalidateQueries({ queryKey: widgetsKey(projectId) });
    },
  });
}
