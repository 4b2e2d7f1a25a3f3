import { useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";

import { api, changeRows, take, useKeysetList, useUndoable, type Wire } from "../../../api";
import { IconButton, Table, Time, type Column } from "../../../design";
import style from "../shared/Settings.module.css";
import { nameOfRole, organizationKey, useOrganization } from "./organization";

type Invitation = Wire["InvitationOut"];
const AT_ONCE = 50;

/** Those who were invited and have not joined; nothing where there is nobody. */
export function Invitations() {
  const { id } = useOrganization();
  const client = useQueryClient();
  const act = useUndoable();
  const key = organizationKey(id, "invitations");
  const list = useKeysetList<Invitation>(key, (cursor, signal) =>
    take(api.GET("/v1/organizations/{organization_id}/invitations", { params: { path: { organization_id: id }, query: { limit: AT_ONCE, ...(cursor === undefined ? {} : { cursor }) } }, signal })),
  );
  const revoke = (gone: Invitation) =>
    act({
      message: `The invitation of ${gone.email} is taken back.`,
      show: () => changeRows<Invitation>(client, key, (row) => (row.id === gone.id ? null : row)),
      commit: () => take(api.DELETE("/v1/organizations/{organization_id}/invitations/{invitation_id}", { params: { path: { organization_id: id, invitation_id: gone.id } }, keepalive: true })),
    });
  const columns: Column<Invitation>[] = [
    { label: "Invited", cell: (row) => row.email },
    { label: "Role", cell: (row) => nameOfRole(row.role) },
    { label: "Sent", cell: (row) => <Time at={row.created_at} /> },
    { label: "Link ends", cell: (row) => <Time at={row.expires_at} /> },
    { label: "Take back", isLabelHidden: true, align: "end", cell: (row) => <IconButton icon={X} label={`Take back the invitation of ${row.email}`} onClick={() => revoke(row)} /> },
  ];
  if (list.rows.length === 0 && list.error === null) return null;
  return (
    <section className={style.part} aria-label="Open invitations">
      <h2>Open invitations</h2>
      <Table label="Open invitations" list={list} columns={columns} rowKey={(row) => row.id} empty={null} />
    </section>
  );
}
