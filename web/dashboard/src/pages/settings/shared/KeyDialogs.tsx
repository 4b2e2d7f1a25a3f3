import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { errorAt, errorBeside } from "../../../api";
import { ConfirmDialog, Dialog, DialogActions, ErrorNote, Form, TextInput } from "../../../design";
import type { Key, KeyHome } from "./keyHomes";
import { secretOf } from "./keySecret";
import { OverlapSelect, USUAL_OVERLAP_S } from "./overlap";
import type { Secret } from "./SecretDialog";

interface DialogProps {
  home: KeyHome;
  row: Key;
  onClose: () => void;
}

export function RenameKey({ home, row, onClose }: DialogProps) {
  const [name, setName] = useState(row.name);
  const client = useQueryClient();
  const rename = useMutation({
    mutationFn: () => home.rename(row.id, name),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries({ queryKey: home.queryKey });
    },
  });
  const beside = errorBeside(rename.error, "name");
  return (
    <Dialog title="Rename this key" isOpen onClose={onClose}>
      <Form onSubmit={() => rename.mutate()}>
        <TextInput label="Name" autoComplete="off" value={name} error={errorAt(rename.error, "name")} onChange={(event) => setName(event.target.value)} />
        {beside && <ErrorNote error={beside} />}
        <DialogActions action="Rename" pending={rename.isPending} onCancel={onClose} />
      </Form>
    </Dialog>
  );
}

export function RotateKey({ home, row, onRotated, onClose }: DialogProps & { onRotated: (secret: Secret) => void }) {
  const [overlap, setOverlap] = useState(USUAL_OVERLAP_S);
  const client = useQueryClient();
  const rotate = useMutation({
    mutationFn: () => home.rotate(row.id, overlap),
    onSuccess: async (made) => {
      onRotated(secretOf(made));
      await client.invalidateQueries({ queryKey: home.queryKey });
    },
  });
  return (
    <Dialog title={`Rotate “${row.name}”`} words="A new key with the same name and rights takes its place." isOpen onClose={onClose}>
      <Form onSubmit={() => rotate.mutate()}>
        <OverlapSelect label="The old key goes on working" value={overlap} onChange={setOverlap} />
        {rotate.error && <ErrorNote error={rotate.error} />}
        <DialogActions action="Rotate key" pending={rotate.isPending} onCancel={onClose} />
      </Form>
    </Dialog>
  );
}

export function RevokeKey({ home, row, onClose }: DialogProps) {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => home.revoke(row.id),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries({ queryKey: home.queryKey });
    },
  });
  return (
    <ConfirmDialog
      title={`Revoke “${row.name}”?`}
      words="Whatever uses it is refused from now on. A revoked key cannot be brought back; to replace it without a break, rotate it instead."
      action="Revoke key"
      isOpen
      pending={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    />
  );
}
