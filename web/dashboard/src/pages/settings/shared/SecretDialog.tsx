import type { ReactNode } from "react";

import { Button, CodeBlock, Dialog, FormActions } from "../../../design";
import style from "./Settings.module.css";

export interface Secret {
  title: string;
  words: ReactNode;
  /** What it is called and what it is; the first is the one most want. */
  values: readonly (readonly [string, string])[];
}

/** Something that is told once: to be copied now. */
export function SecretDialog({ secret, onClose }: { secret: Secret | null; onClose: () => void }) {
  return (
    <Dialog title={secret?.title ?? ""} words={secret?.words} isOpen={secret !== null} onClose={onClose}>
      <div className={style.part}>
        {secret?.values.map(([label, value]) => (
          <div key={label} className={style.wrap}>
            <h3>{label}</h3>
            <CodeBlock label={label.toLowerCase()} code={value} />
          </div>
        ))}
        <FormActions>
          <Button kind="primary" onClick={onClose}>
            I have stored it
          </Button>
        </FormActions>
      </div>
    </Dialog>
  );
}
