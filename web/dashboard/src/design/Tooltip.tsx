import * as Radix from "@radix-ui/react-tooltip";
import type { ReactNode } from "react";

import style from "./Popup.module.css";

const DELAY_MS = 400;

/** A few words about the control in it. Never the only place where something is said: touch has no tooltips. */
export function Tooltip({ text, children }: { text: string; children: ReactNode }) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Content className={style.tooltip} sideOffset={6} collisionPadding={8}>
        {text}
      </Radix.Content>
    </Radix.Root>
  );
}

export function TooltipProvider({ children }: { children: ReactNode }) {
  return <Radix.Provider delayDuration={DELAY_MS}>{children}</Radix.Provider>;
}
