import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RefreshCw, RotateCcw } from "lucide-react";
import { useParams } from "react-router";

import { api, hasCode, take, useCan, type Wire } from "../../../api";
import { NothingHere } from "../../../app/NothingHere";
import { useProject } from "../../../app/project";
import { Button, Card, CodeBlock, ErrorNote, Page, PageHeader, Skeleton, Time, useToast } from "../../../design";
import { count } from "../shared/numbers";
import style from "../shared/Settings.module.css";
import { DeliveryState } from "./DeliveryLog";
import { webhooksKey } from "./webhook";

type Whole = Wire["DeliveryWithAttempts"];

/** One delivery: what was sent, and what the receiver answered at each try. */
export function DeliveryPage() {
  const { id } = useProject();
  const { webhookId = "", deliveryId = "" } = useParams();
  const path = { project_id: id, webhook_id: webhookId, delivery_id: deliveryId };
  const mayChange = useCan("webhooks");
  const client = useQueryClient();
  const toast = useToast();
  const query = useQuery({
    queryKey: webhooksKey(id, webhookId, "deliveries", deliveryId),
    queryFn: () => take(api.GET("/v1/projects/{project_id}/webhooks/{webhook_id}/deliveries/{delivery_id}", { params: { path } })),
  });
  const again = useMutation({
    mutationFn: () => take(api.POST("/v1/projects/{project_id}/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver", { params: { path } })),
    onSuccess: async () => {
      toast({ message: "It is sent once more." });
      await client.invalidateQueries({ queryKey: webhooksKey(id, webhookId) });
    },
    onError: (error) => toast({ message: error.message }),
  });
  if (hasCode(query.error, "not_found")) return <NothingHere />;
  const actions = (
    <>
      {mayChange && (
        <Button kind="primary" icon={RotateCcw} pending={again.isPending} onClick={() => again.mutate()}>
          Redeliver
        </Button>
      )}
      <Button icon={RefreshCw} onClick={() => void query.refetch()}>
        Look again
      </Button>
    </>
  );
  return (
    <Page>
      <PageHeader title="Delivery" words={query.data?.event_type} back={{ to: `/projects/${id}/settings/webhooks/${webhookId}`, label: "Webhook" }} actions={actions} />
      {query.data ? <Told delivery={query.data} /> : query.error ? <ErrorNote error={query.error} onRetry={() => void query.refetch()} /> : <Skeleton lines={6} />}
    </Page>
  );
}

function Told({ delivery }: { delivery: Whole }) {
  return (
    <>
      <dl className={style.facts}>
        <dt>State</dt>
        <dd>
          <DeliveryState delivery={delivery} />
        </dd>
        <dt>Made</dt>
        <dd>
          <Time at={delivery.created_at} />
          {delivery.test && ", as a test"}
        </dd>
        <dt>Id</dt>
        <dd className={style.code}>{delivery.id}</dd>
      </dl>
      {delivery.attempts.map((attempt) => (
        <Attempt key={attempt.number} attempt={attempt} />
      ))}
      <Card title="What is sent">
        <div className={style.wrap}>
          <CodeBlock label="body" code={pretty(delivery.body)} />
        </div>
      </Card>
    </>
  );
}

function Attempt({ attempt }: { attempt: Wire["AttemptOut"] }) {
  return (
    <Card title={`Try ${attempt.number}`}>
      <p>
        {attempt.error === null ? "Taken" : "Not taken"}
        {attempt.response_status !== null && `, answered ${attempt.response_status}`}, in {count(attempt.latency_ms)} ms, <Time at={attempt.started_at} />
      </p>
      {attempt.error?.message != null && <p className={style.note}>{attempt.error.message}</p>}
      {attempt.response_body !== null && attempt.response_body !== "" && (
        <div className={style.wrap}>
          <CodeBlock label={`answer to try ${attempt.number}`} code={attempt.response_body} />
        </div>
      )}
    </Card>
  );
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
