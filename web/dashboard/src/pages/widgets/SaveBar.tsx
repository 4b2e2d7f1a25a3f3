import { useEffect } from "react";
import { useBlocker } from "react-router";

import { Button, Dialog, ErrorNote, FormActions } from "../../design";
import style from "./Widgets.module.css";

interface SaveBarProps {
  /** Within it one may go about freely: the draft goes along. */
  base: string;
  isChanged: boolean;
  isSaving: boolean;
  error: Error | null;
  onSave: () => void;
  onDiscard: () => void;
}

/** Stands at the foot of the page while something is not saved, and at the door when one leaves. */
export function SaveBar({ base, isChanged, isSaving, error, onSave, onDiscard }: SaveBarProps) {
  const blocker = useBlocker(({ nextLocation }) => isChanged && nextLocation.pathname !== base && !nextLocation.pathname.startsWith(`${base}/`));
  useEffect(() => {
    if (!isChanged) return undefined;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [isChanged]);
  return (
    <>
      {isChanged && (
        <section className={style.bar} aria-label="Unsaved changes">
          {error && <ErrorNote error={error} />}
          <div className={style.actions}>
            <p role="status">You have unsaved changes.</p>
            <Button kind="primary" pending={isSaving} onClick={onSave}>
              Save changes
            </Button>
            <Button onClick={onDiscard}>Discard</Button>
          </div>
        </section>
      )}
      <Dialog title="Leave without saving?" words="What you changed on this widget is not saved." isOpen={blocker.state === "blocked"} onClose={() => blocker.reset?.()}>
        <FormActions>
          <Button kind="danger" onClick={() => blocker.proceed?.()}>
            Leave without saving
          </Button>
          <Button onClick={() => blocker.reset?.()}>Stay here</Button>
        </FormActions>
      </Dialog>
    </>
  );
}
