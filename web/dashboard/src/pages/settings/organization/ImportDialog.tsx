import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api, errorAt, errorBeside, keys, take, type Wire } from "../../../api";
import { Dialog, DialogActions, ErrorNote, Field, Form } from "../../../design";

/** Takes a project from the archive that its export is. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const [file, setFile] = useState<File | null>(null);
  const client = useQueryClient();
  const navigate = useNavigate();
  const bringIn = useMutation({
    mutationFn: () => take<Wire["ProjectOut"]>(api.POST("/v1/projects/import", { body: { file: "" }, bodySerializer: () => formOf(file) })),
    onSuccess: async (project) => {
      await client.invalidateQueries({ queryKey: keys.projects });
      onClose();
      await navigate(`/projects/${project.id}`);
    },
  });
  const beside = errorBeside(bringIn.error, "file");
  return (
    <Dialog title="Import a project" words="From the archive that a project’s settings offer under “Export project”. Its keys are not in it: make new ones." isOpen onClose={onClose}>
      <Form onSubmit={() => bringIn.mutate()}>
        <Field label="Archive" hint="A file that ends in .tar.gz" error={errorAt(bringIn.error, "file")}>
          {(wiring) => <input {...wiring} type="file" accept=".gz,.tgz" onChange={(event) => setFile(event.target.files?.[0] ?? null)} />}
        </Field>
        {beside && <ErrorNote error={beside} />}
        <DialogActions action="Import project" pending={bringIn.isPending} onCancel={onClose} />
      </Form>
    </Dialog>
  );
}

function formOf(file: File | null): FormData {
  const form = new FormData();
  if (file !== null) form.append("file", file);
  return form;
}
