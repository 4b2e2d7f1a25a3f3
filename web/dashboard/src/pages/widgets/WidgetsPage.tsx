import { Plus } from "lucide-react";

import { api, take, useCan, useKeysetList } from "../../api";
import { useProject } from "../../app/project";
import { Badge, ButtonLink, EmptyState, Page, PageHeader, Table, Time, type Column } from "../../design";
import { widgetsKey, type Widget } from "./widget";

const AT_ONCE = 50;

const COLUMNS: readonly Column<Widget>[] = [
  { label: "Widget", cell: (widget) => widget.name },
  { label: "State", cell: (widget) => (widget.enabled === false ? <Badge>Off</Badge> : <Badge tone="good">On</Badge>) },
  { label: "Where", cell: (widget) => whereOf(widget) },
  { label: "Changed", cell: (widget) => <Time at={widget.updated_at} /> },
];

/** The chat windows of a project. */
export function WidgetsPage() {
  const { id } = useProject();
  const mayChange = useCan("widgets");
  const list = useKeysetList<Widget>(widgetsKey(id), (cursor, signal) =>
    take(api.GET("/v1/projects/{project_id}/widgets", { params: { path: { project_id: id }, query: { limit: AT_ONCE, ...(cursor === undefined ? {} : { cursor }) } }, signal })),
  );
  const add = (
    <ButtonLink kind="primary" icon={Plus} to="new">
      New widget
    </ButtonLink>
  );
  return (
    <Page>
      <PageHeader title="Widgets" words="The chat windows on your pages: how each looks, what it says and where it may be." actions={mayChange && list.rows.length > 0 ? add : null} />
      <Table
        label="Widgets"
        list={list}
        columns={COLUMNS}
        rowKey={(widget) => widget.id}
        rowLink={(widget) => widget.id}
        empty={
          <EmptyState title="No widget yet" action={mayChange ? add : null}>
            A widget is the chat window on your site. Make one, give it your colours and put one line into your pages.
          </EmptyState>
        }
      />
    </Page>
  );
}

function whereOf(widget: Widget): string {
  const [first, ...others] = widget.security?.allowed_domains ?? [];
  if (first === undefined) return "localhost only";
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}
