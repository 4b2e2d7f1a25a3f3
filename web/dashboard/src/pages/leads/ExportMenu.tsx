import { Download } from "lucide-react";

import { Button, Menu, MenuItem } from "../../design";
import type { Filters } from "./LeadFilters";

/** The list as a file, with the filters that it has now. */
export function ExportMenu({ projectId, filters }: { projectId: string; filters: Filters }) {
  const download = (format: "csv" | "jsonl") => {
    const search = new URLSearchParams({ ...filters, format });
    const link = document.createElement("a");
    link.href = `/v1/projects/${projectId}/leads/export?${search}`;
    link.download = `leads.${format}`;
    link.click();
  };
  return (
    <Menu trigger={<Button icon={Download}>Export</Button>}>
      <MenuItem onSelect={() => download("csv")}>CSV, for a spreadsheet</MenuItem>
      <MenuItem onSelect={() => download("jsonl")}>JSON, one line a lead</MenuItem>
    </Menu>
  );
}
