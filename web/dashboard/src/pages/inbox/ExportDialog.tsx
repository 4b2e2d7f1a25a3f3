import { useState } from "react";

import { useMe } from "../../api";
import { useProject } from "../../app/project";
import { Dialog, DialogActions, Form, Select } from "../../design";
import { askedFor, hasFilters, VIEWS, type Filters, type View } from "./views";

interface ExportProps {
  view: View;
  filters: Filters;
  isOpen: boolean;
  onClose: () => void;
}

/** All conversations of a view and its filters as a file. */
export function ExportDialog({ view, filters, isOpen, onClose }: ExportProps) {
  const { id } = useProject();
  const [format, setFormat] = useState("csv");
  const me = useMe().user.id;
  const download = () => {
    const query = new URLSearchParams({ format, ...askedFor(view, me) });
    for (const [name, value] of Object.entries(filters)) query.set(name, String(value));
    const link = document.createElement("a");
    link.href = `/v1/projects/${id}/conversations/export?${query}`;
    link.download = "";
    link.click();
    onClose();
  };
  return (
    <Dialog title="Export conversations" words={`All of “${VIEWS[view].label}”${hasFilters(filters) ? ", as filtered" : ""}, with every message. That it was exported stands in the audit log.`} isOpen={isOpen} onClose={onClose}>
      <Form onSubmit={download}>
        <Select label="Format" value={format} onChange={(event) => setFormat(event.target.value)}>
          <option value="csv">CSV: a message a row, for spreadsheets</option>
          <option value="jsonl">JSON Lines: a conversation a line, for programs</option>
        </Select>
        <DialogActions action="Export" pending={false} onCancel={onClose} />
      </Form>
    </Dialog>
  );
}
