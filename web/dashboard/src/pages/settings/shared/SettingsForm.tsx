import type { ReactNode } from "react";

import { Button, Card, ErrorNote, Form, FormActions } from "../../../design";
import style from "./Settings.module.css";

interface SettingsFormProps {
  title: string;
  /** What these settings are about, in a sentence. */
  words?: ReactNode;
  mayChange: boolean;
  /** What the button does: "Save", or more exactly. */
  action?: string;
  isPending: boolean;
  /** What went wrong that no field says. */
  error: Error | null;
  onSave: () => void;
  children: ReactNode;
}

/** Settings that are saved together. Who may not change them sees what holds, and no button. */
export function SettingsForm({ title, words, mayChange, action = "Save", isPending, error, onSave, children }: SettingsFormProps) {
  return (
    <Card title={title}>
      {words != null && <p className={style.words}>{words}</p>}
      <Form aria-label={title} onSubmit={onSave}>
        <fieldset className={style.fields} disabled={!mayChange}>
          {children}
        </fieldset>
        {error && <ErrorNote error={error} />}
        {!mayChange && <p className={style.note}>Owners and admins can change this.</p>}
        {mayChange && (
          <FormActions>
            <Button kind="primary" type="submit" pending={isPending}>
              {action}
            </Button>
          </FormActions>
        )}
      </Form>
    </Card>
  );
}
