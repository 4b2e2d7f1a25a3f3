import type { ReactNode } from "react";

import { Badge, Button, Card, FormActions, Meter, Time } from "../../design";
import style from "./Knowledge.module.css";
import { counted, stateOf, type Source } from "./source";
import { useActions } from "./useActions";

const STAGES: Record<NonNullable<Source["stage"]>, string> = {
  queued: "It waits for its turn.",
  fetching: "Its documents are being fetched.",
  parsing: "Its documents are being read.",
  chunking: "Its text is being cut into passages.",
  embedding: "Its passages are being made findable.",
  publishing: "It is being published.",
};

/** How a source is, how far it is, and what a person is to decide. */
export function SourceStatus({ source, mayChange }: { source: Source; mayChange: boolean }) {
  const { words, tone } = stateOf(source);
  return (
    <Card>
      <div className={style.head} role="status">
        <Badge tone={tone}>{words}</Badge>
        {source.stage !== null && <span>{STAGES[source.stage]}</span>}
      </div>
      {source.status === "processing" && <Progress source={source} />}
      {source.error !== null && <Trouble error={source.error} />}
      {source.held !== null && <Held source={source} held={source.held} mayChange={mayChange} />}
      {source.sync.paused && <p>An older version is served. It is not read again by itself until you press “Read again”.</p>}
      <Facts source={source} />
    </Card>
  );
}

function Progress({ source }: { source: Source }) {
  const { documents_total: total, documents_done: done, documents_failed: failed, documents_skipped: skipped, documents_per_minute: rate, seconds_left: left } = source.progress;
  const said = [
    rate === null ? null : `${Math.round(rate).toLocaleString("en")} a minute`,
    left === null ? null : `about ${timeLeft(left)} left`,
    failed > 0 ? `${failed} failed` : null,
    skipped > 0 ? `${skipped} left out` : null,
  ].filter((part) => part !== null);
  return (
    <div>
      <Meter label="Documents" value={total > 0 ? done : null} max={Math.max(total, 1)} said={`${done} of ${total}`} />
      {said.length > 0 && <p className={style.soft}>{said.join(" · ")}</p>}
    </div>
  );
}

function timeLeft(seconds: number): string {
  if (seconds < 60) return counted(Math.max(1, Math.round(seconds)), "second");
  if (seconds < 3_600) return counted(Math.round(seconds / 60), "minute");
  return counted(Math.round(seconds / 3_600), "hour");
}

function Trouble({ error }: { error: NonNullable<Source["error"]> }) {
  return (
    <p className={style.trouble}>
      {error.message} <span className={style.soft}>({error.code})</span>
      {error.next_retry_at !== null && (
        <>
          {" "}
          It is tried again <Time at={error.next_retry_at} />.
        </>
      )}
    </p>
  );
}

function Held({ source, held, mayChange }: { source: Source; held: NonNullable<Source["held"]>; mayChange: boolean }) {
  const { sync } = useActions(source);
  const tests = held.failing_tests ?? [];
  const { added, changed, removed } = held.documents;
  return (
    <div className={style.held}>
      <h2>Its new content waits for you</h2>
      <p>
        Published as it was found <Time at={held.since} />, it would add {counted(added, "document")}, change {changed.toLocaleString("en")} and remove {removed.toLocaleString("en")} of {held.of.toLocaleString("en")}.
        {tests.length > 0 && ` ${counted(tests.length, "answer test")} would fail.`} Until you decide, answers come from what was published before.
      </p>
      {mayChange && (
        <FormActions>
          <Button kind="primary" pending={sync.isPending} onClick={() => sync.mutate({ accept_removals: true, ...(tests.length > 0 ? { accept_failing_tests: true } : {}) })}>
            Publish it
          </Button>
          <Button pending={sync.isPending} onClick={() => sync.mutate({})}>
            Look again
          </Button>
        </FormActions>
      )}
    </div>
  );
}

function Facts({ source }: { source: Source }) {
  const { last_synced_at: read, last_changed_at: changed, next_sync_at: next } = source.sync;
  return (
    <dl className={style.facts}>
      <Fact name="Version">{source.version === 0 ? "Not published yet" : source.version}</Fact>
      <Fact name="Passages">{source.progress.chunks.toLocaleString("en")}</Fact>
      <Fact name="Last read">{read === null ? "Not yet" : <Time at={read} />}</Fact>
      <Fact name="Last changed">{changed === null ? "Not yet" : <Time at={changed} />}</Fact>
      <Fact name="Read again">{next === null ? "On demand" : <Time at={next} />}</Fact>
      <Fact name="Tags">{source.tags.length === 0 ? "None" : source.tags.join(", ")}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
