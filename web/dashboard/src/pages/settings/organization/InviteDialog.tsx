import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, errorAt, errorBeside, take } from "../../../api";
import { Dialog, DialogActions, ErrorNote, Form, Select, TextInput, useToast } from "../../../design";
import { organizationKey, ROLES, useOrganization, type Role } from "./organization";

/** Sends a person a link to join with. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const { id, role: mine } = useOrganization();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("agent");
  const client = useQueryClient();
  const toast = useToast();
  const invite = useMutation({
    mutationFn: () => take(api.POST("/v1/organizations/{organization_id}/invitations", { params: { path: { organization_id: id } }, body: { email, role } })),
    onSuccess: async (made) => {
      toast({ message: `${made.email} is invited.` });
      onClose();
      await client.invalidateQueries({ queryKey: organizationKey(id, "invitations") });
    },
  });
  const beside = errorBeside(invite.error, "email", "role");
  return (
    <Dialog title="Invite a person" words="They get a mail with a link that is good for seven days." isOpen onClose={onClose}>
      <Form onSubmit={() => invite.mutate()}>
        <TextInput label="E-mail" type="email" autoComplete="off" value={email} error={errorAt(invite.error, "email")} onChange={(event) => setEmail(event.target.value)} />
        <Select label="Role" hint={ROLES.find(([one]) => one === role)?.[2]} value={role} error={errorAt(invite.error, "role")} onChange={(event) => setRole(event.target.value as Role)}>
          {ROLES.filter(([one]) => one !== "owner" || mine === "owner").map(([one, name]) => (
            <option key={one} value={one}>
              {name}
            </option>
          ))}
        </Select>
        {beside && <ErrorNote error={beside} />}
        <DialogActions action="Invite" pending={invite.isPending} onCancel={onClose} />
      </Form>
    </Dialog>
  );
}
