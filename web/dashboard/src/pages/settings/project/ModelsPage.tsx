import { useMutation, useQuery } from "@tanstack/react-query";

import { api, keys, take, useCan, type Wire } from "../../../api";
import { useProject } from "../../../app/project";
import { Badge, Button, Card, ErrorNote, Meter, PageHeader, Skeleton, Time } from "../../../design";
import { count } from "../shared/numbers";
import style from "../shared/Settings.module.css";

/** Which models this project works with. The operator of the install chooses them. */
export function ModelsPage() {
  return (
    <>
      <PageHeader title="Models" words="What writes the answers, and what finds the passages. The operator of this install chooses both." />
      <div className={style.form}>
        <LanguageModel />
        <Search />
      </div>
    </>
  );
}

function LanguageModel() {
  const { id } = useProject();
  const mayTry = useCan("*");
  const check = useMutation({ mutationFn: () => take<Wire["ModelCheck"]>(api.POST("/v1/projects/{project_id}/language-model/check", { params: { path: { project_id: id } } })) });
  return (
    <Card title="Language model">
      <p className={style.words}>It writes the answers out of your passages. Without one, the bot answers in the words of your documents.</p>
      <div role="status">{check.data && <Outcome check={check.data} />}</div>
      {check.error && <ErrorNote error={check.error} />}
      {mayTry ? (
        <div>
          <Button pending={check.isPending} onClick={() => check.mutate()}>
            Test the connection
          </Button>
        </div>
      ) : (
        <p className={style.note}>Owners and admins can test the connection.</p>
      )}
    </Card>
  );
}

function Outcome({ check }: { check: Wire["ModelCheck"] }) {
  const [words, tone] = check.works ? (["Works", "good"] as const) : check.model === null ? (["Not set", "plain"] as const) : (["Does not work", "bad"] as const);
  return (
    <div className={style.stack}>
      <Badge tone={tone}>{words}</Badge>
      <p>{check.message}</p>
      {check.model !== null && (
        <p className={style.note}>
          {check.model}
          {check.latency_ms !== null && `, ${count(check.latency_ms)} ms`}
        </p>
      )}
    </div>
  );
}

function Search() {
  const { id } = useProject();
  const query = useQuery({
    queryKey: keys.project(id, "embedding"),
    queryFn: () => take(api.GET("/v1/projects/{project_id}/embedding", { params: { path: { project_id: id } } })),
  });
  if (query.error) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <Skeleton lines={4} label="Loading the state of search" />;
  const { model, serving, reembedding } = query.data;
  return (
    <Card title="Search">
      <p className={style.words}>Passages are found by their words and, with this model, by their meaning.</p>
      <p>
        Set: <code>{model}</code>
      </p>
      {serving === null ? <p>Nothing is published yet.</p> : serving !== model && <Serving model={serving} />}
      {reembedding && <Reembedding state={reembedding} />}
    </Card>
  );
}

function Serving({ model }: { model: string }) {
  return (
    <p>
      Searched by for now: <code>{model}</code>
    </p>
  );
}

function Reembedding({ state }: { state: Wire["ReembeddingOut"] }) {
  const { passages_done: done, passages_total: total, error } = state;
  return (
    <div className={style.stack}>
      <Meter label="Read anew with the model that is set" value={done} max={total} said={`${count(done)} of ${count(total)} passages`} />
      {error && (
        <p>
          {error.message} Next try: <Time at={error.next_retry_at} />
        </p>
      )}
    </div>
  );
}
