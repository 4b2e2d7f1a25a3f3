import { useMutation, useQueryClient } from "@tanstack/react-query";
import { MoreHorizontal, Plus } from "lucide-react";
import { useState } from "react";

import { api, take, useCan, useKeysetList, useMe, type Wire } from "../../../api";
import { Badge, Button, Card, ConfirmDialog, EmptyState, IconButton, Menu, MenuChoice, MenuItem, MenuLine, PageHeader, Table, Time, useToast, type Column } from "../../../design";
import style from "../shared/Settings.module.css";
import { Invitations } from "./Invitations";
import { InviteDialog } from "./InviteDialog";
import { goElsewhere, nameOfRole, organizationKey, ROLES, useOrganization, type Role } from "./organization";

type Member = Wire["MemberOut"];
const AT_ONCE = 50;

/** Who is in the organisation, as what, and who is invited. */
export function TeamPage() {
  const { id } = useOrganization();
  const runs = useCan("*");
  const me = useMe().user.id;
  const [isInviting, setInviting] = useState(false);
  const [leaving, setLeaving] = useState<Member | null>(null);
  const list = useKeysetList<Member>(organizationKey(id, "members"), (cursor, signal) =>
    take(api.GET("/v1/organizations/{organization_id}/members", { params: { path: { organization_id: id }, query: { limit: AT_ONCE, ...(cursor === undefined ? {} : { cursor }) } }, signal })),
  );
  const columns: Column<Member>[] = [
    { label: "Person", cell: (row) => <Name row={row} /> },
    { label: "Role", cell: (row) => nameOfRole(row.role) },
    { label: "Two-step sign-in", cell: (row) => <Badge tone={row.second_factor ? "good" : "plain"}>{row.second_factor ? "On" : "Off"}</Badge> },
    { label: "Joined", cell: (row) => <Time at={row.created_at} /> },
  ];
  columns.push({
    label: "Actions",
    isLabelHidden: true,
    align: "end",
    cell: (row) => (runs ? <MemberMenu row={row} onRemove={() => setLeaving(row)} /> : row.user_id === me && <Button onClick={() => setLeaving(row)}>Leave</Button>),
  });
  const invite = (
    <Button kind="primary" icon={Plus} onClick={() => setInviting(true)}>
      Invite a person
    </Button>
  );
  return (
    <>
      <PageHeader title="Team" words="The people of this organisation, and what each may do." actions={runs ? invite : null} />
      <Table label="People" list={list} columns={columns} rowKey={(row) => row.user_id} empty={<EmptyState title="Nobody is here">Invite the first person.</EmptyState>} />
      {runs && <Invitations />}
      <Card title="What the roles may do">
        <dl className={style.facts}>
          {ROLES.map(([role, name, words]) => (
            <RoleTold key={role} name={name} words={words} />
          ))}
        </dl>
      </Card>
      {isInviting && <InviteDialog onClose={() => setInviting(false)} />}
      {leaving !== null && <RemoveMember row={leaving} onClose={() => setLeaving(null)} />}
    </>
  );
}

function RoleTold({ name, words }: { name: string; words: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{words}</dd>
    </>
  );
}

function Name({ row }: { row: Member }) {
  const isMe = useMe().user.id === row.user_id;
  return (
    <span className={style.stack}>
      <span>{isMe ? `${row.name} (you)` : row.name}</span>
      <span className={style.note}>{row.email}</span>
    </span>
  );
}

/** Owners are made and unmade by owners alone. */
function MemberMenu({ row, onRemove }: { row: Member; onRemove: () => void }) {
  const { id, role: mine } = useOrganization();
  const client = useQueryClient();
  const toast = useToast();
  const path = { organization_id: id, user_id: row.user_id };
  const change = useMutation({
    mutationFn: (role: Role) => take(api.PATCH("/v1/organizations/{organization_id}/members/{user_id}", { params: { path }, body: { role } })),
    onSuccess: async (now) => {
      toast({ message: `${now.name} is now ${nameOfRole(now.role).toLowerCase()}.` });
      await client.invalidateQueries({ queryKey: organizationKey(id, "members") });
    },
    onError: (error) => toast({ message: error.message }),
  });
  if (row.role === "owner" && mine !== "owner") return null;
  const options = ROLES.filter(([role]) => role !== "owner" || mine === "owner").map(([value, label]) => ({ value, label }));
  return (
    <Menu trigger={<IconButton icon={MoreHorizontal} label={`What to do with ${row.name}, ${row.email}`} />}>
      <MenuChoice label="Role" value={row.role} options={options} onChange={(role) => role !== row.role && change.mutate(role as Role)} />
      <MenuLine />
      <MenuItem dangerous onSelect={onRemove}>
        Remove
      </MenuItem>
    </Menu>
  );
}

function RemoveMember({ row, onClose }: { row: Member; onClose: () => void }) {
  const { id } = useOrganization();
  const isMe = useMe().user.id === row.user_id;
  const client = useQueryClient();
  const path = { organization_id: id, user_id: row.user_id };
  const remove = useMutation({
    mutationFn: () => take(api.DELETE("/v1/organizations/{organization_id}/members/{user_id}", { params: { path } })),
    onSuccess: async () => {
      if (isMe) return goElsewhere();
      onClose();
      await client.invalidateQueries({ queryKey: organizationKey(id, "members") });
    },
  });
  return (
    <ConfirmDialog
      title={isMe ? "Leave this organisation?" : `Remove ${row.name}?`}
      words={isMe ? "You see nothing of it any more, until somebody invites you again." : "From now on they see nothing of this organisation. What they wrote to visitors stays."}
      action={isMe ? "Leave" : "Remove"}
      isOpen
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}
