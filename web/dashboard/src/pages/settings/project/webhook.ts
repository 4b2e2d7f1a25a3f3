import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api, keys, take, type Wire } from "../../../api";
import type { Tone } from "../../../design";
import type { Secret } from "../shared/SecretDialog";

export type Webhook = Wire["WebhookOut"];
export type EventType = Webhook["events"][number];
export type Delivery = Wire["DeliveryOut"];

export const EVENTS: readonly (readonly [EventType, string])[] = [
  ["conversation.escalated", "A conversation is handed to a person"],
  ["lead.captured", "A visitor leaves contact details"],
  ["knowledge.updated", "The knowledge changed"],
  ["low_confidence.detected", "A question had no sure answer"],
];

export const STATES: Record<Delivery["status"], [string, Tone]> = {
  pending: ["Under way", "busy"],
  delivered: ["Delivered", "good"],
  failed: ["Failed", "bad"],
};

const REASONS = { manual: "Switched off by hand.", gone: "Switched off: the receiver answered 410 Gone.", failing: "Switched off: nothing was taken for five days." };

/** On, off and why, or in trouble. */
export function stateOf(webhook: Webhook): { words: string; tone: Tone; reason: string | null } {
  if (webhook.status === "disabled") return { words: "Off", tone: webhook.disabled_reason === "manual" ? "plain" : "bad", reason: REASONS[webhook.disabled_reason ?? "manual"] };
  if (webhook.failing_since !== null) return { words: "Failing", tone: "warn", reason: "The last deliveries were not taken; they are tried again." };
  return { words: "On", tone: "good", reason: null };
}

export const webhooksKey = (projectId: string, ...rest: readonly unknown[]) => keys.project(projectId, "webhooks", ...rest);

/** What is told of a webhook's secret, once. */
export function secretOf(made: Wire["WebhookWithSecret"]): Secret {
  return {
    title: "The secret of this webhook",
    words: "Copy it now: it is shown only here. With it, your server checks that a delivery came from us.",
    values: [["Secret", made.secret] as const, ["For verifiers of Standard Webhooks", made.standard_secret] as const].filter(([, value], at) => at === 0 || value !== made.secret),
  };
}

/** Changes a webhook; what is shown of it follows. */
export function useWebhookPatch(webhook: Webhook, onDone?: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Wire["WebhookPatch"]) =>
      take(api.PATCH("/v1/projects/{project_id}/webhooks/{webhook_id}", { params: { path: { project_id: webhook.project_id, webhook_id: webhook.id } }, body })),
    onSuccess: async (now) => {
      client.setQueryData(webhooksKey(webhook.project_id, webhook.id), now);
      await client.invalidateQueries({ queryKey: webhooksKey(webhook.project_id) });
      onDone?.();
    },
  });
}
