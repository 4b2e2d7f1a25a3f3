import { useMutation } from "@tanstack/react-query";

import { CopyButton, Dialog, DialogActions, ErrorNote, Form } from "../../design";
import type { Thread } from "./conversation";
import style from "./Inbox.module.css";
import { unmask } from "./masked";

interface DialogProps {
  thread: Thread;
  isOpen: boolean;
  onClose: () => void;
}

/** What was masked, for who asks for it; nothing of it is kept when the dialog closes. */
export function MaskedDialog({ thread, isOpen, onClose }: DialogProps) {
  const look = useMutation({ mutationFn: () => unmask(thread), gcTime: 0 });
  const close = () => {
    look.reset();
    onClose();
  };
  return (
    <Dialog title="Masked values" words="What was written where the placeholders stand now. That you looked stands in the audit log." isOpen={isOpen} onClose={close}>
      {look.data === undefined ? (
        <Form onSubmit={() => look.mutate()}>
          {look.error && <ErrorNote error={look.error} />}
          <DialogActions action="Show values" pending={look.isPending} onCancel={close} />
        </Form>
      ) : (
        <dl className={style.keys}>
          {look.data.map(({ placeholder, value }) => (
            <div key={placeholder}>
              <dt>{placeholder}</dt>
              <dd className={style.masked}>
                <span>{value}</span>
                <CopyButton text={value} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Dialog>
  );
}
