import { Checkbox, TextInput } from "../../../design";
import style from "../shared/Settings.module.css";
import { EVENTS, type EventType } from "./webhook";

export interface WebhookDraft {
  url: string;
  events: EventType[];
  description: string;
}

interface FieldsProps {
  draft: WebhookDraft;
  errors: { url: string | null; events: string | null; description: string | null };
  onChange: (draft: WebhookDraft) => void;
}

/** Where to, what, and what it is for: of a new webhook, and of one that is changed. */
export function WebhookFields({ draft, errors, onChange }: FieldsProps) {
  const put = (event: EventType, isOn: boolean) => onChange({ ...draft, events: isOn ? [...draft.events, event] : draft.events.filter((one) => one !== event) });
  return (
    <>
      <TextInput
        label="Address"
        type="url"
        inputMode="url"
        placeholder="https://example.com/aivastark/hook"
        value={draft.url}
        error={errors.url}
        onChange={(event) => onChange({ ...draft, url: event.target.value })}
      />
      <fieldset className={style.fields}>
        <legend className={style.legend}>Send when</legend>
        <div className={style.choices}>
          {EVENTS.map(([event, label]) => (
            <Checkbox key={event} label={label} hint={<code>{event}</code>} checked={draft.events.includes(event)} onChange={(isOn) => put(event, isOn)} />
          ))}
        </div>
        {errors.events !== null && <p role="alert">{errors.events}</p>}
      </fieldset>
      <TextInput label="What it is for" optional placeholder="Our CRM" value={draft.description} error={errors.description} onChange={(event) => onChange({ ...draft, description: event.target.value })} />
    </>
  );
}
