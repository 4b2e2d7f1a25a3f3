import { Bell, BellOff, Download, Ellipsis, Keyboard } from "lucide-react";
import { useState } from "react";

import { IconButton, Menu, MenuItem, useToast } from "../../design";
import { ExportDialog } from "./ExportDialog";
import { KeysDialog } from "./KeysDialog";
import { useKeys } from "./keyboard";
import { canNotify, useNotifying } from "./notifying";
import type { Filters, View } from "./views";

/** What concerns the inbox as a whole. */
export function InboxMenu({ view, filters }: { view: View; filters: Filters }) {
  const [open, setOpen] = useState<"keys" | "export" | null>(null);
  const [notifying, turn] = useNotifying();
  const toast = useToast();
  useKeys({ "?": () => setOpen("keys") });
  const switchNotifying = () => {
    if (notifying === "denied") toast({ message: "This browser refuses notifications of this site. Allow them in its settings first." });
    else void turn();
  };
  return (
    <>
      <Menu trigger={<IconButton icon={Ellipsis} label="More" />}>
        {canNotify && (
          <MenuItem icon={notifying === "on" ? BellOff : Bell} onSelect={switchNotifying}>
            {notifying === "on" ? "Stop notifications" : "Notify me when somebody waits"}
          </MenuItem>
        )}
        <MenuItem icon={Download} onSelect={() => setOpen("export")}>
          Export
        </MenuItem>
        <MenuItem icon={Keyboard} onSelect={() => setOpen("keys")}>
          Keyboard shortcuts
        </MenuItem>
      </Menu>
      <KeysDialog isOpen={open === "keys"} onClose={() => setOpen(null)} />
      <ExportDialog view={view} filters={filters} isOpen={open === "export"} onClose={() => setOpen(null)} />
    </>
  );
}
