import { useMutation, useQueryClient } from "@tanstack/react-query";
import { MoreHorizontal, Plus, Upload } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api, keys, take, useCan, useKeysetList, type Wire } from "../../../api";
import { NewProjectDialog } from "../../../app/NewProjectDialog";
import { forgetProject } from "../../../app/project";
import { Button, ConfirmDialog, EmptyState, IconButton, Menu, MenuItem, PageHeader, Table, Time, type Column } from "../../../design";
import { ImportDialog } from "./ImportDialog";
import { useOrganization } from "./organization";

type Project = Wire["ProjectOut"];
type Doing = { act: "make"; like: Project | null } | { act: "delete"; project: Project } | { act: "import" } | null;
const AT_ONCE = 50;

/** The projects of the organisation: for an agency, one for each client. */
export function ClientsPage() {
  const runs = useCan("*");
  const owns = useOrganization().role === "owner";
  const [doing, setDoing] = useState<Doing>(null);
  const list = useKeysetList<Project>([...keys.projects, "clients"], (cursor, signal) =>
    take(api.GET("/v1/projects", { params: { query: { limit: AT_ONCE, ...(cursor === undefined ? {} : { cursor }) } }, signal })),
  );
  const columns: Column<Project>[] = [
    { label: "Project", cell: (row) => row.name },
    { label: "Made", cell: (row) => <Time at={row.created_at} /> },
  ];
  if (runs) {
    columns.push({
      label: "Actions",
      isLabelHidden: true,
      align: "end",
      cell: (row) => <ClientMenu row={row} owns={owns} onCopy={() => setDoing({ act: "make", like: row })} onDelete={() => setDoing({ act: "delete", project: row })} />,
    });
  }
  const make = (
    <Button kind="primary" icon={Plus} onClick={() => setDoing({ act: "make", like: null })}>
      New project
    </Button>
  );
  const actions = (
    <>
      {list.rows.length > 0 && make}
      <Button icon={Upload} onClick={() => setDoing({ act: "import" })}>
        Import
      </Button>
    </>
  );
  return (
    <>
      <PageHeader title="Clients" words="Each project is a bot of its own, with its own knowledge, conversations, widgets and keys. Agencies make one for each client." actions={runs ? actions : null} />
      <Table
        label="Projects"
        list={list}
        columns={columns}
        rowKey={(row) => row.id}
        rowLink={(row) => `/projects/${row.id}/overview`}
        empty={
          <EmptyState title="There is no project yet" action={runs ? make : null}>
            Make the first one, then teach it.
          </EmptyState>
        }
      />
      {doing?.act === "make" && <NewProjectDialog like={doing.like} isOpen onClose={() => setDoing(null)} />}
      {doing?.act === "import" && <ImportDialog onClose={() => setDoing(null)} />}
      {doing?.act === "delete" && <DeleteClient project={doing.project} onClose={() => setDoing(null)} />}
    </>
  );
}

function ClientMenu({ row, owns, onCopy, onDelete }: { row: Project; owns: boolean; onCopy: () => void; onDelete: () => void }) {
  const navigate = useNavigate();
  return (
    <Menu trigger={<IconButton icon={MoreHorizontal} label={`What to do with ${row.name}`} />}>
      <MenuItem onSelect={() => void navigate(`/projects/${row.id}/settings/general`)}>Settings</MenuItem>
      <MenuItem onSelect={onCopy}>New project with these settings</MenuItem>
      {owns && (
        <MenuItem dangerous onSelect={onDelete}>
          Delete
        </MenuItem>
      )}
    </Menu>
  );
}

function DeleteClient({ project, onClose }: { project: Project; onClose: () => void }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => take(api.DELETE("/v1/projects/{project_id}", { params: { path: { project_id: project.id } } })),
    onSuccess: async () => {
      forgetProject(project.id);
      onClose();
      client.removeQueries({ queryKey: keys.project(project.id) });
      await client.invalidateQueries({ queryKey: keys.projects });
    },
  });
  return (
    <ConfirmDialog
      title={`Delete “${project.name}”?`}
      words="Its knowledge, conversations, leads, widgets, keys and webhooks are erased, and its widgets stop answering at once."
      action="Delete project"
      name={project.name}
      isOpen
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}
