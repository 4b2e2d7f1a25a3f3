import * as Radix from "@radix-ui/react-dialog";
import { X } from "lucide-react";
import { useState, type ReactNode } from "react";

import { Button, IconButton } from "./Button";
import { classes } from "./classes";
import style from "./Dialog.module.css";
import { ErrorNote } from "./ErrorNote";
import { Form, FormActions, TextInput } from "./Field";

interface DialogProps {
  title: string;
  /** What it is about, in a sentence. */
  words?: ReactNode;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
}

/** Into the first field rather than onto the button that closes. */
function focusField(event: Event) {
  const field = (event.currentTarget as HTMLElement).querySelector<HTMLElement>("input, textarea, select");
  if (field === null) return;
  event.preventDefault();
  field.focus();
}

/** A question or a form over the page: keeps the focus, gives it back, closes with Escape. */
export function Dialog({ title, words, isOpen, onClose, children, wide = false }: DialogProps) {
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={style.veil} />
        <Radix.Content className={classes(style.dialog, wide && style.wide)} onOpenAutoFocus={focusField} {...(words == null ? { "aria-describedby": undefined } : {})}>
          <Head title={title} onClose={onClose} />
          <Radix.Description asChild>
            <div className={style.words}>{words}</div>
          </Radix.Description>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Head({ title, onClose }: { title: string; onClose: () => void }) {
  return (
    <div className={style.head}>
      <Radix.Title>{title}</Radix.Title>
      <div className={style.close}>
        <IconButton icon={X} label="Close" onClick={onClose} />
      </div>
    </div>
  );
}

/** The end of a form in a dialog: what it does, and the way out. */
export function DialogActions({ action, pending, onCancel }: { action: string; pending: boolean; onCancel: () => void }) {
  return (
    <FormActions>
      <Button kind="primary" type="submit" pending={pending}>
        {action}
      </Button>
      <Button onClick={onCancel}>Cancel</Button>
    </FormActions>
  );
}

interface ConfirmProps {
  title: string;
  /** What will be gone, and that it cannot be had back. */
  words: ReactNode;
  /** What the button does: "Delete source", never "OK". */
  action: string;
  /** For what is dangerous: the name of the thing, to be typed first. */
  name?: string;
  isOpen: boolean;
  pending?: boolean;
  error?: Error | null;
  onConfirm: () => void;
  onClose: () => void;
}

export function ConfirmDialog({ title, words, action, name, isOpen, pending = false, error = null, onConfirm, onClose }: ConfirmProps) {
  const [typed, setTyped] = useState("");
  const [isWrong, setWrong] = useState(false);
  const close = () => {
    setTyped("");
    setWrong(false);
    onClose();
  };
  const confirm = () => (name === undefined || typed.trim() === name.trim() ? onConfirm() : setWrong(true));
  return (
    <Dialog title={title} words={words} isOpen={isOpen} onClose={close}>
      <Form onSubmit={confirm}>
        {name !== undefined && (
          <TextInput label={`Type “${name}” to go on`} value={typed} autoComplete="off" error={isWrong ? "That is not the name." : null} onChange={(event) => setTyped(event.target.value)} />
        )}
        {error && <ErrorNote error={error} />}
        <FormActions>
          <Button kind="danger" type="submit" pending={pending}>
            {action}
          </Button>
          <Button onClick={close}>Keep it</Button>
        </FormActions>
      </Form>
    </Dialog>
  );
}

/** What slides in from the side where the screen is narrow. */
export function Drawer({ title, isOpen, onClose, children }: { title: string; isOpen: boolean; onClose: () => void; children: ReactNode }) {
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={style.veil} />
        <Radix.Content className={style.drawer} aria-describedby={undefined}>
          <Head title={title} onClose={onClose} />
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
