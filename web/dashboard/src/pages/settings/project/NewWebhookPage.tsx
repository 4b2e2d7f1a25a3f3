import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api, errorAt, errorBeside, take } from "../../../api";
import { useProject } from "../../../app/project";
import { Page, PageHeader, TextInput } from "../../../design";
import { SecretDialog } from "../shared/SecretDialog";
import style from "../shared/Settings.module.css";
import { SettingsForm } from "../shared/SettingsForm";
import { EVENTS, secretOf, webhooksKey } from "./webhook";
import { WebhookFields, type WebhookDraft } from "./WebhookFields";

/** `webhooks/new`: where to, what, and a secret that is shown once. */
export function NewWebhookPage() {
  const { id } = useProject();
  const [draft, setDraft] = useState<WebhookDraft>({ url: "", events: EVENTS.map(([event]) => event), description: "" });
  const [own, setOwn] = useState("");
  const client = useQueryClient();
  const navigate = useNavigate();
  const base = `/projects/${id}/settings/webhooks`;
  const { description, ...body } = draft;
  const add = useMutation({
    mutationFn: () =>
      take(
        api.POST("/v1/projects/{project_id}/webhooks", {
          params: { path: { project_id: id } },
          body: { ...body, ...(description.trim() === "" ? {} : { description }), ...(own === "" ? {} : { secret: own }) },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: webhooksKey(id) }),
  });
  const errors = { url: errorAt(add.error, "url"), events: errorAt(add.error, "events"), description: errorAt(add.error, "description") };
  return (
    <Page>
      <PageHeader title="Add a webhook" back={{ to: base, label: "Webhooks" }} />
      <div className={style.form}>
        <SettingsForm title="Where to and what" mayChange action="Add webhook" isPending={add.isPending} error={errorBeside(add.error, "url", "events", "description", "secret")} onSave={() => add.mutate()}>
          <WebhookFields draft={draft} errors={errors} onChange={setDraft} />
          <TextInput label="Secret" optional hint="Your own, of at least eight characters. Left empty, one is made for you." autoComplete="off" value={own} error={errorAt(add.error, "secret")} onChange={(event) => setOwn(event.target.value)} />
        </SettingsForm>
      </div>
      <SecretDialog secret={add.data === undefined ? null : secretOf(add.data)} onClose={() => void navigate(`${base}/${add.data?.id ?? ""}`, { replace: true })} />
    </Page>
  );
}
