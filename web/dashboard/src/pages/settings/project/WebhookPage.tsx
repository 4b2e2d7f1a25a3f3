import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";

import { api, hasCode, take, useCan } from "../../../api";
import { NothingHere } from "../../../app/NothingHere";
import { useProject } from "../../../app/project";
import { ErrorNote, Page, PageHeader, Skeleton, Time } from "../../../design";
import style from "../shared/Settings.module.css";
import { DeliveryLog } from "./DeliveryLog";
import { webhooksKey, type Webhook } from "./webhook";
import { WebhookActions } from "./WebhookActions";
import { WebhookState } from "./WebhooksPage";

/** One webhook: what it is, what can be done with it, and what was sent. */
export function WebhookPage() {
  const { id } = useProject();
  const webhookId = useParams().webhookId ?? "";
  const mayChange = useCan("webhooks");
  const query = useQuery({
    queryKey: webhooksKey(id, webhookId),
    queryFn: () => take(api.GET("/v1/projects/{project_id}/webhooks/{webhook_id}", { params: { path: { project_id: id, webhook_id: webhookId } } })),
  });
  if (hasCode(query.error, "not_found")) return <NothingHere />;
  const webhook = query.data;
  return (
    <Page>
      <PageHeader
        title="Webhook"
        words={webhook && <span className={style.code}>{webhook.url}</span>}
        back={{ to: `/projects/${id}/settings/webhooks`, label: "Webhooks" }}
        actions={webhook && mayChange ? <WebhookActions webhook={webhook} /> : null}
      />
      {webhook ? <Facts webhook={webhook} /> : query.error ? <ErrorNote error={query.error} onRetry={() => void query.refetch()} /> : <Skeleton lines={4} />}
      {webhook && <DeliveryLog webhook={webhook} />}
    </Page>
  );
}

function Facts({ webhook }: { webhook: Webhook }) {
  return (
    <dl className={style.facts}>
      <dt>State</dt>
      <dd>
        <WebhookState webhook={webhook} />
      </dd>
      <dt>Events</dt>
      <dd>{webhook.events.join(", ")}</dd>
      {webhook.description !== null && (
        <>
          <dt>What for</dt>
          <dd>{webhook.description}</dd>
        </>
      )}
      {webhook.previous_secret_expires_at !== null && (
        <>
          <dt>Earlier secret</dt>
          <dd>
            Signs too, until <Time at={webhook.previous_secret_expires_at} />
          </dd>
        </>
      )}
    </dl>
  );
}
