import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Power, Trash2 } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api, take } from "../../api";
import { Button, ConfirmDialog, IconButton, useToast } from "../../design";
import { change, widgetKey, widgetsKey, type Widget } from "./widget";

/** What is done to a widget as a whole, at once: on, off, gone. */
export function WidgetMenu({ projectId, widget }: { projectId: string; widget: Widget }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const [isAsking, setAsking] = useState(false);
  const isOn = widget.enabled !== false;
  const turn = useMutation({
    mutationFn: (enabled: boolean) => change(projectId, widget.id, { enabled }),
    onSuccess: (now) => client.setQueryData(widgetKey(projectId, widget.id), now),
    onError: (error) => toast({ message: error.message }),
  });
  const remove = useMutation({
    mutationFn: () => take(api.DELETE("/v1/projects/{project_id}/widgets/{widget_id}", { params: { path: { project_id: projectId, widget_id: widget.id } } })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: widgetsKey(projectId), exact: true });
      toast({ message: `“${widget.name}” deleted.` });
      await navigate(`/projects/${projectId}/widgets`);
    },
  });
  return (
    <>
      <Button icon={Power} pending={turn.isPending} onClick={() => turn.mutate(!isOn)}>
        {isOn ? "Turn off" : "Turn on"}
      </Button>
      <IconButton icon={Trash2} label="Delete widget" onClick={() => setAsking(true)} />
      <ConfirmDialog
        title="Delete this widget?"
        words="It goes from every page at once, and its embed key never works again. Its conversations stay in the inbox."
        action="Delete widget"
        name={widget.name}
        isOpen={isAsking}
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
        onClose={() => setAsking(false)}
      />
    </>
  );
}
