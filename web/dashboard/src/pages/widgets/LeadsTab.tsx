import { Card, Select, Switch, TextInput } from "../../design";
import { LinesInput, OnOff, Sentences, Words } from "./fields";
import { ListEditor } from "./ListEditor";
import type { LeadField, Trigger } from "./widget";
import style from "./Widgets.module.css";

const TRIGGERS: Record<Trigger["type"], string> = {
  message_count: "After some messages",
  keyword: "At a word",
  idle: "After silence",
  manual: "Only when your page asks for it",
};
const FRESH_TRIGGER: Trigger = { type: "message_count", count: 3, words: [], seconds: null };
const TYPES: Record<LeadField["type"], string> = { text: "Line of text", email: "E-mail", phone: "Phone", textarea: "Long text", select: "Choice" };
const FRESH_FIELD: LeadField = { key: "company", label: "Company", type: "text", required: false, options: [] };

/** The form that asks who is asking. */
export function LeadsTab() {
  return (
    <>
      <Card title="Lead form">
        <OnOff at="lead_capture.enabled" label="Ask visitors who they are" hint="What they leave comes in under Leads." />
        <Words at="lead_capture.title" label="Title of the form" />
      </Card>
      <Card>
        <ListEditor<Trigger> at="lead_capture.triggers" title="When it is shown" words="Each of these alone is enough." one="occasion" fresh={FRESH_TRIGGER}>
          {(trigger, change) => <TriggerFields trigger={trigger} change={change} />}
        </ListEditor>
      </Card>
      <Card>
        <ListEditor<LeadField> at="lead_capture.fields" title="What it asks" words="An e-mail or a phone number is needed, so that somebody can be reached." one="field" fresh={FRESH_FIELD}>
          {(field, change) => <FieldFields field={field} change={change} />}
        </ListEditor>
      </Card>
      <Card title="Consent">
        <OnOff at="lead_capture.consent.required" label="Visitors must agree first" hint="The words they agreed to are kept with the lead." />
        <Sentences at="lead_capture.consent.text" label="What they agree to" />
        <Words at="lead_capture.consent.url" label="Address of your privacy policy" optional type="url" />
      </Card>
    </>
  );
}

function TriggerFields({ trigger, change }: { trigger: Trigger; change: (next: Partial<Trigger>) => void }) {
  const choose = (type: Trigger["type"]) => change({ type, count: type === "message_count" ? 3 : null, seconds: type === "idle" ? 30 : null, words: [] });
  return (
    <div className={style.pair}>
      <Select label="Occasion" value={trigger.type} onChange={(event) => choose(event.target.value as Trigger["type"])}>
        {Object.entries(TRIGGERS).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
      {trigger.type === "message_count" && <TextInput label="Messages" type="number" min={1} value={String(trigger.count ?? 1)} onChange={(event) => change({ count: Number(event.target.value) })} />}
      {trigger.type === "idle" && <TextInput label="Seconds" type="number" min={5} value={String(trigger.seconds ?? 30)} onChange={(event) => change({ seconds: Number(event.target.value) })} />}
      {trigger.type === "keyword" && <LinesInput label="Words" hint="One a line." value={trigger.words} onChange={(words) => change({ words })} />}
    </div>
  );
}

function FieldFields({ field, change }: { field: LeadField; change: (next: Partial<LeadField>) => void }) {
  return (
    <>
      <div className={style.pair}>
        <TextInput label="Label" value={field.label} onChange={(event) => change({ label: event.target.value })} />
        <TextInput label="Key" hint="In exports and webhooks: small letters, digits and _." value={field.key} spellCheck={false} onChange={(event) => change({ key: event.target.value })} />
        <Select label="Kind" value={field.type} onChange={(event) => change({ type: event.target.value as LeadField["type"], options: event.target.value === "select" ? field.options : [] })}>
          {Object.entries(TYPES).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </div>
      {field.type === "select" && <LinesInput label="Choices" hint="One a line." value={field.options} onChange={(options) => change({ options })} />}
      <Switch label="Must be filled in" checked={field.required} onChange={(required) => change({ required })} />
    </>
  );
}
