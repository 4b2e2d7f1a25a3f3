import { Plus, X } from "lucide-react";
import { useState } from "react";

import { errorAt, errorBeside, type Wire } from "../../api";
import { newId } from "../../api/ids";
import { Button, ErrorNote, Form, FormActions, IconButton, TextInput } from "../../design";
import { fieldsPatch, otherFields, typedFields, type Lead, type TypedField } from "./lead";
import style from "./Leads.module.css";

interface LeadFormProps {
  /** Null for one that is to be. */
  lead: Lead | null;
  action: string;
  isPending: boolean;
  error: Error | null;
  mayChange?: boolean;
  onSend: (body: Wire["LeadPatch"]) => void;
}

const orNull = (text: string) => (text.trim() === "" ? null : text.trim());

/** Who it is, how they can be reached, and whatever else is known. */
export function LeadForm({ lead, action, isPending, error, mayChange = true, onSend }: LeadFormProps) {
  const [typed, setTyped] = useState({ name: lead?.name ?? "", email: lead?.email ?? "", phone: lead?.phone ?? "", page_url: lead?.page_url ?? "" });
  const [fields, setFields] = useState(() => typedFields(lead));
  const input = (name: keyof typeof typed) => ({ value: typed[name], error: errorAt(error, name), onChange: (event: { target: { value: string } }) => setTyped({ ...typed, [name]: event.target.value }) });
  const send = () =>
    onSend({ name: orNull(typed.name), email: orNull(typed.email), phone: orNull(typed.phone), page_url: orNull(typed.page_url), fields: fieldsPatch(typedFields(lead), fields) });
  const beside = errorBeside(error, "name", "email", "phone", "page_url");
  return (
    <Form onSubmit={send}>
      <fieldset className={style.fields} disabled={!mayChange}>
        <TextInput label="Name" optional autoComplete="off" {...input("name")} />
        <div className={style.pair}>
          <TextInput label="E-mail" type="email" autoComplete="off" {...input("email")} />
          <TextInput label="Phone" type="tel" autoComplete="off" {...input("phone")} />
        </div>
        <TextInput label="Page it was left on" optional type="url" autoComplete="off" {...input("page_url")} />
        <OwnFields fields={fields} onChange={setFields} mayChange={mayChange} />
        {otherFields(lead).map(([name, value]) => (
          <TextInput key={name} label={name} value={JSON.stringify(value)} readOnly />
        ))}
      </fieldset>
      {beside && <ErrorNote error={beside} />}
      {mayChange && (
        <FormActions>
          <Button kind="primary" type="submit" pending={isPending}>
            {action}
          </Button>
        </FormActions>
      )}
    </Form>
  );
}

function OwnFields({ fields, onChange, mayChange }: { fields: TypedField[]; onChange: (fields: TypedField[]) => void; mayChange: boolean }) {
  const change = (at: TypedField, to: Partial<TypedField>) => onChange(fields.map((field) => (field.key === at.key ? { ...field, ...to } : field)));
  return (
    <>
      {fields.map((field, number) => (
        <div key={field.key} className={style.own}>
          <TextInput label={`Field ${number + 1}`} value={field.name} autoComplete="off" onChange={(event) => change(field, { name: event.target.value })} />
          <TextInput label={field.name === "" ? `Value ${number + 1}` : `Value of ${field.name}`} value={field.value} autoComplete="off" onChange={(event) => change(field, { value: event.target.value })} />
          {mayChange && <IconButton icon={X} label={`Remove ${field.name === "" ? `field ${number + 1}` : field.name}`} onClick={() => onChange(fields.filter((each) => each.key !== field.key))} />}
        </div>
      ))}
      {mayChange && (
        <div>
          <Button kind="quiet" icon={Plus} onClick={() => onChange([...fields, { key: newId(), name: "", value: "" }])}>
            Add a field
          </Button>
        </div>
      )}
    </>
  );
}
