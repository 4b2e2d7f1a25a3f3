import { useMutation, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";

import { api, take } from "../../api";
import { Button, Card, CodeBlock, ConfirmDialog, OutsideLink, Select } from "../../design";
import { useDraft } from "./draft";
import { Amount, Lines, OneOf, Sentences } from "./fields";
import { widgetKey } from "./widget";
import style from "./Widgets.module.css";

const IDENTITY = { off: "Nobody needs to be known", optional: "Your site may say who a visitor is", required: "Only visitors your site vouches for" };

/** Where it may be, who may use it, and how much may be asked. */
export function SecurityTab() {
  const { mayChange } = useDraft();
  return (
    <>
      <Card title="Where it may be">
        <Lines at="security.allowed_domains" label="Allowed domains" hint="One a line, such as example.com, *.example.com or localhost:3000. Without any it works on localhost only." />
      </Card>
      <Card title="Known users">
        <OneOf at="security.identity" label="Who may use it" options={IDENTITY} hint="Your server proves who a visitor is with the identity secret, never your page." />
        {mayChange && <Secrets />}
      </Card>
      <Card title="Limits">
        <p className={style.soft}>A day is a UTC day. 0 means no limit. Talking to a person is never limited.</p>
        <Amount at="limits.messages_per_conversation" label="Questions in a conversation" min={0} max={10_000_000} />
        <Sentences at="limits.sentences.messages_per_conversation" label="What a visitor reads then" />
        <Amount at="limits.conversations_per_visitor_day" label="Conversations of a visitor in a day" min={0} max={10_000_000} />
        <Sentences at="limits.sentences.conversations_per_visitor_day" label="What the visitor reads then" />
        <Amount at="limits.messages_per_day" label="Questions of all visitors in a day" hint="This is what bounds your costs." min={0} max={10_000_000} />
        <Sentences at="limits.sentences.messages_per_day" label="What everybody reads then" />
        <Sentences at="limits.sentences.plan" label="What visitors read when your plan’s questions are used up" />
      </Card>
    </>
  );
}

const OVERLAPS: readonly [number, string][] = [
  [86_400, "for another day"],
  [604_800, "for another week"],
  [0, "not any more"],
];

/** New secrets and keys: what was before goes on for as long as one needs to change it. */
function Secrets() {
  const { projectId, widget } = useDraft();
  const client = useQueryClient();
  const [asked, setAsked] = useState<"secret" | "key" | null>(null);
  const [overlap, setOverlap] = useState(86_400);
  const request = { params: { path: { project_id: projectId, widget_id: widget.id } }, body: { expires_in: overlap } };
  const secret = useMutation({
    mutationFn: () => take(api.POST("/v1/projects/{project_id}/widgets/{widget_id}/rotate-identity-secret", request)),
    onSuccess: () => setAsked(null),
  });
  const key = useMutation({
    mutationFn: () => take(api.POST("/v1/projects/{project_id}/widgets/{widget_id}/rotate-embed-key", request)),
    onSuccess: () => {
      setAsked(null);
      return client.invalidateQueries({ queryKey: widgetKey(projectId, widget.id) });
    },
  });
  const picker = (
    <Select label="After a change, the one before works" value={String(overlap)} onChange={(event) => setOverlap(Number(event.target.value))}>
      {OVERLAPS.map(([seconds, words]) => (
        <option key={seconds} value={seconds}>
          {words}
        </option>
      ))}
    </Select>
  );
  return (
    <>
      {secret.data && (
        <div className={style.list} role="status">
          <p>This is the new identity secret. It is shown this once: put it on your server now.</p>
          <CodeBlock label="identity secret" code={secret.data.identity_secret} />
        </div>
      )}
      {key.data && <p role="status">The new embed key is under Install. Change the line in your pages before the one before stops working.</p>}
      {picker}
      <div className={style.actions}>
        <Button icon={KeyRound} onClick={() => setAsked("secret")}>
          Make a new identity secret
        </Button>
        <Button icon={KeyRound} onClick={() => setAsked("key")}>
          Make a new embed key
        </Button>
      </div>
      <p className={style.soft}>
        How your server proves who is asking is in the <OutsideLink href="/docs">API documentation</OutsideLink>. The widget’s id, for the token’s <code>aud</code>, is <code>{widget.id}</code>.
      </p>
      <ConfirmDialog
        title={asked === "key" ? "Make a new embed key?" : "Make a new identity secret?"}
        words={`The one before works ${OVERLAPS.find(([seconds]) => seconds === overlap)?.[1]}.`}
        action={asked === "key" ? "Make a new key" : "Make a new secret"}
        isOpen={asked !== null}
        pending={secret.isPending || key.isPending}
        error={asked === "key" ? key.error : secret.error}
        onConfirm={() => (asked === "key" ? key.mutate() : secret.mutate())}
        onClose={() => setAsked(null)}
      />
    </>
  );
}
