import { useMutation, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";

import { api, take, useKeysetList, type Wire } from "../../../api";
import { Badge, Button, EmptyState, IconButton, PageHeader, Table, Time, useToast, type Column } from "../../../design";
import style from "../shared/Settings.module.css";
import { browserOf } from "./browser";

type Session = Wire["SessionOut"];
const KEY = ["sessions"];

/** Where one is signed in. */
export function SessionsPage() {
  const client = useQueryClient();
  const toast = useToast();
  const list = useKeysetList<Session>(KEY, (_, signal) => take(api.GET("/v1/auth/sessions", { signal })));
  const end = useMutation({
    mutationFn: (row: Session | null) => (row === null ? take(api.DELETE("/v1/auth/sessions")) : take(api.DELETE("/v1/auth/sessions/{session_id}", { params: { path: { session_id: row.id } } }))),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
    onError: (error) => toast({ message: error.message }),
  });
  const columns: Column<Session>[] = [
    { label: "Browser", cell: (row) => <Browser row={row} /> },
    { label: "Address", cell: (row) => row.address },
    { label: "Last seen", cell: (row) => <Time at={row.last_seen_at} /> },
    { label: "Signed in", cell: (row) => <Time at={row.created_at} /> },
    {
      label: "Sign out",
      isLabelHidden: true,
      align: "end",
      cell: (row) => (row.current ? <Badge tone="good">This one</Badge> : <IconButton icon={X} label={`Sign out ${browserOf(row.user_agent)} at ${row.address}`} onClick={() => end.mutate(row)} />),
    },
  ];
  const all = (
    <Button pending={end.isPending} onClick={() => end.mutate(null)}>
      Sign out everywhere else
    </Button>
  );
  return (
    <>
      <PageHeader title="Sessions" words="The browsers in which you are signed in. End those that you do not know, then change your password." actions={list.rows.length > 1 ? all : null} />
      <Table label="Sessions" list={list} columns={columns} rowKey={(row) => row.id} empty={<EmptyState title="You are signed in nowhere">Sign in again.</EmptyState>} />
    </>
  );
}

function Browser({ row }: { row: Session }) {
  return (
    <span className={style.stack} title={row.user_agent}>
      {browserOf(row.user_agent)}
    </span>
  );
}
