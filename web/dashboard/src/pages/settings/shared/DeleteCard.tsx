import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { Button, Card, ConfirmDialog, FormActions } from "../../../design";
import style from "./Settings.module.css";

interface DeleteCardProps {
  /** "project": what is deleted, in a word. */
  what: string;
  name: string;
  /** What goes with it. */
  words: string;
  /** What is said once more before its name is typed. */
  warning: string;
  onDelete: () => Promise<unknown>;
  onDeleted: () => unknown;
}

/** The end of something that cannot be had back: its name is typed first. */
export function DeleteCard({ what, name, words, warning, onDelete, onDeleted }: DeleteCardProps) {
  const [isAsking, setAsking] = useState(false);
  const remove = useMutation({ mutationFn: onDelete, onSuccess: onDeleted });
  const action = `Delete ${what}`;
  return (
    <Card title={`Delete this ${what}`}>
      <p className={style.words}>{words}</p>
      <FormActions>
        <Button kind="danger" onClick={() => setAsking(true)}>
          {action}
        </Button>
      </FormActions>
      <ConfirmDialog
        title={`Delete “${name}”?`}
        words={warning}
        action={action}
        name={name}
        isOpen={isAsking}
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
        onClose={() => setAsking(false)}
      />
    </Card>
  );
}
