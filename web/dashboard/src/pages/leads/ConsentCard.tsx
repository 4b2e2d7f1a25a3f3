import { useState } from "react";

import { errorAt, errorBeside } from "../../api";
import { Badge, Button, Card, Checkbox, Dialog, DialogActions, ErrorNote, Form, TextArea, TextInput, Time } from "../../design";
import type { Lead } from "./lead";
import style from "./Leads.module.css";
import { useChange } from "./useChange";

/** What was agreed to, in which words, when and where. */
export function ConsentCard({ lead, mayChange }: { lead: Lead; mayChange: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const { consent } = lead;
  return (
    <Card title="Consent">
      {consent === null ? (
        <p>Nothing was asked, so nothing was agreed to.</p>
      ) : (
        <>
          <div className={style.row}>
            <Badge tone={consent.given ? "good" : "bad"}>{consent.given ? "Given" : "Not given"}</Badge>
            <Time at={consent.at} />
          </div>
          {consent.text !== null && <blockquote className={style.wording}>{consent.text}</blockquote>}
          {consent.source !== null && <p>Where: {consent.source}</p>}
        </>
      )}
      {mayChange && (
        <div>
          <Button onClick={() => setOpen(true)}>Record consent</Button>
        </div>
      )}
      {isOpen && <ConsentDialog lead={lead} onClose={() => setOpen(false)} />}
    </Card>
  );
}

function ConsentDialog({ lead, onClose }: { lead: Lead; onClose: () => void }) {
  const [given, setGiven] = useState(lead.consent?.given ?? false);
  const [text, setText] = useState(lead.consent?.text ?? "");
  const [source, setSource] = useState(lead.consent?.source ?? "");
  const save = useChange(lead, "Consent recorded.");
  const body = { consent: { given, ...(text.trim() === "" ? {} : { text }), ...(source.trim() === "" ? {} : { source }) } };
  const beside = errorBeside(save.error, "consent.text", "consent.source");
  return (
    <Dialog title="Record consent" words="It is kept with the time at which you record it." isOpen onClose={onClose}>
      <Form onSubmit={() => save.mutate(body, { onSuccess: onClose })}>
        <Checkbox label="Consent is given" hint="Leave it out when it was refused or withdrawn." checked={given} onChange={setGiven} />
        <TextArea label="Wording" optional hint="The exact words that were agreed to." value={text} error={errorAt(save.error, "consent.text")} onChange={(event) => setText(event.target.value)} />
        <TextInput label="Where" optional hint="Such as a form, a call or a fair." value={source} error={errorAt(save.error, "consent.source")} onChange={(event) => setSource(event.target.value)} />
        {beside && <ErrorNote error={beside} />}
        <DialogActions action="Record" pending={save.isPending} onCancel={onClose} />
      </Form>
    </Dialog>
  );
}
