import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, errorAt, errorBeside, take, type Wire } from "../../../api";
import { Dialog, DialogActions, ErrorNote, Form, Select, TextInput, useToast } from "../../../design";
import { count } from "../shared/numbers";
import { OverlapSelect, USUAL_OVERLAP_S } from "../shared/overlap";
import { STATES, useWebhookPatch, webhooksKey, type Delivery, type Webhook } from "./webhook";
import { WebhookFields, type WebhookDraft } from "./WebhookFields";

interface DialogProps {
  webhook: Webhook;
  onClose: () => void;
}

const HOUR_MS = 3_600_000;
const pathOf = (webhook: Webhook) => ({ project_id: webhook.project_id, webhook_id: webhook.id });

export function EditWebhook({ webhook, onClose }: DialogProps) {
  const [draft, setDraft] = useState<WebhookDraft>({ url: webhook.url, events: webhook.events, description: webhook.description ?? "" });
  const patch = useWebhookPatch(webhook, onClose);
  const errors = { url: errorAt(patch.error, "url"), events: errorAt(patch.error, "events"), description: errorAt(patch.error, "description") };
  const beside = errorBeside(patch.error, "url", "events", "description");
  const description = draft.description.trim() === "" ? null : draft.description;
  return (
    <Dialog title="Edit this webhook" isOpen onClose={onClose}>
      <Form onSubmit={() => patch.mutate({ ...draft, description })}>
        <WebhookFields draft={draft} errors={errors} onChange={setDraft} />
        {beside && <ErrorNote error={beside} />}
        <DialogActions action="Save" pending={patch.isPending} onCancel={onClose} />
      </Form>
    </Dialog>
  );
}

export function RotateSecretDialog({ webhook, onClose, onRotated }: DialogProps & { onRotated: (made: Wire["WebhookWithSecret"]) => void }) {
  const [overlap, setOverlap] = useState(USUAL_OVERLAP_S);
  const [own, setOwn] = useState("");
  const client = useQueryClient();
  const rotate = useMutation({
    mutationFn: () =>
      take(
        api.POST("/v1/projects/{project_id}/webhooks/{webhook_id}/rotate-secret", {
          params: { path: pathOf(webhook) },
          body: { overlap_seconds: overlap, ...(own === "" ? {} : { secret: own }) },
        }),
      ),
    onSuccess: async (made) => {
      onRotated(made);
      await client.invalidateQueries({ queryKey: webhooksKey(webhook.project_id) });
    },
  });
  const beside = errorBeside(rotate.error, "secret");
  return (
    <Dialog title="Change the secret" words="Deliveries are signed with the new one, and for a while with both." isOpen onClose={onClose}>
      <Form onSubmit={() => rotate.mutate()}>
        <TextInput label="Secret" optional hint="Your own, of at least eight characters. Left empty, one is made for you." autoComplete="off" value={own} error={errorAt(rotate.error, "secret")} onChange={(event) => setOwn(event.target.value)} />
        <OverlapSelect label="The old secret signs too for" value={overlap} onChange={setOverlap} />
        {beside && <ErrorNote error={beside} />}
        <DialogActions action="Change secret" pending={rotate.isPending} onCancel={onClose} />
      </Form>
    </Dialog>
  );
}

const SINCE: readonly (readonly [number, string])[] = [
  [1, "The last hour"],
  [24, "The last day"],
  [24 * 7, "The last seven days"],
  [24 * 30, "The last 30 days"],
];

export function RedeliverDialog({ webhook, onClose }: DialogProps) {
  const [hours, setHours] = useState(24);
  const [status, setStatus] = useState<Delivery["status"] | "">("failed");
  const client = useQueryClient();
  const toast = useToast();
  const send = useMutation({
    mutationFn: () => {
      const now = Date.now();
      const body = { from: new Date(now - hours * HOUR_MS).toISOString(), to: new Date(now).toISOString(), ...(status === "" ? {} : { status }) };
      return take(api.POST("/v1/projects/{project_id}/webhooks/{webhook_id}/redeliver", { params: { path: pathOf(webhook) }, body }));
    },
    onSuccess: async ({ queued }) => {
      toast({ message: queued === 1 ? "One delivery is sent once more." : `${count(queued)} deliveries are sent once more.` });
      onClose();
      await client.invalidateQueries({ queryKey: webhooksKey(webhook.project_id, webhook.id) });
    },
  });
  return (
    <Dialog title="Redeliver a time range" words="The same bodies under the same ids, so that a receiver that had them already can tell." isOpen onClose={onClose}>
      <Form onSubmit={() => send.mutate()}>
        <Select label="Made in" value={hours} onChange={(event) => setHours(Number(event.target.value))}>
          {SINCE.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
        <Select label="Which" value={status} onChange={(event) => setStatus(event.target.value as Delivery["status"] | "")}>
          <option value="failed">{STATES.failed[0]}</option>
          <option value="delivered">{STATES.delivered[0]}</option>
          <option value="">All</option>
        </Select>
        {send.error && <ErrorNote error={send.error} />}
        <DialogActions action="Redeliver" pending={send.isPending} onCancel={onClose} />
      </Form>
    </Dialog>
  );
}
