import { Eye, EyeOff } from "lucide-react";
import { useId, useState, type ComponentProps, type FormEvent, type ReactNode } from "react";

import { IconButton } from "./Button";
import { classes } from "./classes";
import style from "./Field.module.css";

export interface FieldProps {
  label: string;
  /** What helps to fill it in: one sentence, always visible. */
  hint?: ReactNode;
  /** What is wrong with it and how to put it right. */
  error?: string | null | undefined;
  optional?: boolean;
}

interface Wiring {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

/** Label, hint and error around any control, tied together for those who hear the page. */
export function Field({ label, hint, error, optional = false, children }: FieldProps & { children: (wiring: Wiring) => ReactNode }) {
  const id = useId();
  const described = [hint != null && `${id}-hint`, error != null && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className={style.field}>
      <label htmlFor={id} className={style.label}>
        {label} {optional && <span className={style.optional}>(optional)</span>}
      </label>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": error != null ? true : undefined })}
      {hint != null && (
        <p id={`${id}-hint`} className={style.hint}>
          {hint}
        </p>
      )}
      {error != null && (
        <p id={`${id}-error`} className={style.error}>
          {error}
        </p>
      )}
    </div>
  );
}

type Own<Tag extends "input" | "textarea" | "select"> = FieldProps & Omit<ComponentProps<Tag>, "className" | "id" | keyof FieldProps>;

export function TextInput({ label, hint, error, optional = false, ...rest }: Own<"input">) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional}>
      {(wiring) => <input {...rest} {...wiring} className={style.input} />}
    </Field>
  );
}

export function PasswordInput({ label, hint, error, optional = false, ...rest }: Omit<Own<"input">, "type">) {
  const [isShown, setShown] = useState(false);
  return (
    <Field label={label} hint={hint} error={error} optional={optional}>
      {(wiring) => (
        <div className={style.password}>
          <input {...rest} {...wiring} type={isShown ? "text" : "password"} className={style.input} />
          <IconButton icon={isShown ? EyeOff : Eye} label={isShown ? "Hide what is typed" : "Show what is typed"} onClick={() => setShown(!isShown)} />
        </div>
      )}
    </Field>
  );
}

export function TextArea({ label, hint, error, optional = false, rows = 4, ...rest }: Own<"textarea">) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional}>
      {(wiring) => <textarea {...rest} {...wiring} rows={rows} className={classes(style.input, style.area)} />}
    </Field>
  );
}

/** The platform's own list: it is what people know, and the only one that is right on a phone. */
export function Select({ label, hint, error, optional = false, children, ...rest }: Own<"select">) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional}>
      {(wiring) => (
        <select {...rest} {...wiring} className={style.input}>
          {children}
        </select>
      )}
    </Field>
  );
}

interface ChoiceProps extends Omit<ComponentProps<"input">, "className" | "type" | "onChange" | "id"> {
  label: ReactNode;
  hint?: ReactNode;
  onChange?: (checked: boolean) => void;
}

function Choice({ label, hint, onChange, look, ...rest }: ChoiceProps & { look: string | undefined }) {
  const id = useId();
  return (
    <div className={style.choice}>
      <input {...rest} type="checkbox" id={id} className={look} aria-describedby={hint == null ? undefined : `${id}-hint`} onChange={(event) => onChange?.(event.target.checked)} />
      <div>
        <label htmlFor={id}>{label}</label>
        {hint != null && (
          <p id={`${id}-hint`} className={style.hint}>
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}

/** One of several things to take or leave; it counts when the form is sent. */
export function Checkbox(props: ChoiceProps) {
  return <Choice {...props} look={style.check} />;
}

/** Something that is on or off, at once. */
export function Switch(props: ChoiceProps) {
  return <Choice {...props} role="switch" look={style.switch} />;
}

interface FormProps extends Omit<ComponentProps<"form">, "className" | "onSubmit"> {
  onSubmit: () => void;
}

/** A form that this page sends itself; the server says what is wrong, in `error` of its fields. */
export function Form({ onSubmit, children, ...rest }: FormProps) {
  const send = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form {...rest} noValidate onSubmit={send} className={style.form}>
      {children}
    </form>
  );
}

/** The row of buttons below a form, the one that sends it first. */
export function FormActions({ children }: { children: ReactNode }) {
  return <div className={style.actions}>{children}</div>;
}
