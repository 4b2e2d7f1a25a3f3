import { useMutation, useQueryClient } from "@tanstack/react-query";
import { MoreHorizontal, Send } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api, take } from "../../../api";
import { Button, ConfirmDialog, IconButton, Menu, MenuItem, MenuLabel, MenuLine, useToast } from "../../../design";
import { SecretDialog, type Secret } from "../shared/SecretDialog";
import { useWebhookPatch, webhooksKey, secretOf, type EventType, type Webhook } from "./webhook";
import { EditWebhook, RedeliverDialog, RotateSecretDialog } from "./WebhookDialogs";

type Doing = "edit" | "rotate" | "redeliver" | "delete" | null;

/** A test, and all else behind one button. */
export function WebhookActions({ webhook }: { webhook: Webhook }) {
  const [doing, setDoing] = useState<Doing>(null);
  const [secret, setSecret] = useState<Secret | null>(null);
  const toast = useToast();
  const patch = useWebhookPatch(webhook);
  const isOn = webhook.status === "enabled";
  const turn = () => patch.mutate({ enabled: !isOn }, { onError: (error) => toast({ message: error.message }) });
  const close = () => setDoing(null);
  return (
    <>
      <TestMenu webhook={webhook} />
      <Menu trigger={<IconButton icon={MoreHorizontal} label="What to do with this webhook" />}>
        <MenuItem onSelect={() => setDoing("edit")}>Edit</MenuItem>
        <MenuItem onSelect={turn}>{isOn ? "Switch off" : "Switch on"}</MenuItem>
        <MenuItem onSelect={() => setDoing("rotate")}>Change the secret</MenuItem>
        <MenuItem disabled={!isOn} onSelect={() => setDoing("redeliver")}>
          Redeliver a time range
        </MenuItem>
        <MenuLine />
        <MenuItem dangerous onSelect={() => setDoing("delete")}>
          Delete
        </MenuItem>
      </Menu>
      {doing === "edit" && <EditWebhook webhook={webhook} onClose={close} />}
      {doing === "redeliver" && <RedeliverDialog webhook={webhook} onClose={close} />}
      {doing === "rotate" && (
        <RotateSecretDialog
          webhook={webhook}
          onClose={close}
          onRotated={(made) => {
            close();
            setSecret(secretOf(made));
          }}
        />
      )}
      {doing === "delete" && <DeleteWebhook webhook={webhook} onClose={close} />}
      <SecretDialog secret={secret} onClose={() => setSecret(null)} />
    </>
  );
}

function TestMenu({ webhook }: { webhook: Webhook }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const path = { project_id: webhook.project_id, webhook_id: webhook.id };
  const test = useMutation({
    mutationFn: (type: EventType) => take(api.POST("/v1/projects/{project_id}/webhooks/{webhook_id}/test", { params: { path }, body: { type } })),
    onSuccess: async (sent) => {
      await client.invalidateQueries({ queryKey: webhooksKey(webhook.project_id, webhook.id) });
      await navigate(`/projects/${webhook.project_id}/settings/webhooks/${webhook.id}/deliveries/${sent.id}`);
    },
    onError: (error) => toast({ message: error.message }),
  });
  return (
    <Menu
      trigger={
        <Button kind="primary" icon={Send} pending={test.isPending}>
          Send a test
        </Button>
      }
    >
      <MenuLabel>An example of</MenuLabel>
      {webhook.events.map((event) => (
        <MenuItem key={event} onSelect={() => test.mutate(event)}>
          {event}
        </MenuItem>
      ))}
    </Menu>
  );
}

function DeleteWebhook({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const path = { project_id: webhook.project_id, webhook_id: webhook.id };
  const remove = useMutation({
    mutationFn: () => take(api.DELETE("/v1/projects/{project_id}/webhooks/{webhook_id}", { params: { path } })),
    onSuccess: async () => {
      await navigate(`/projects/${webhook.project_id}/settings/webhooks`);
      await client.invalidateQueries({ queryKey: webhooksKey(webhook.project_id) });
    },
  });
  return (
    <ConfirmDialog
      title="Delete this webhook?"
      words="Nothing more is sent, and the log of what was sent goes with it. To stop for a while, switch it off instead."
      action="Delete webhook"
      isOpen
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}
