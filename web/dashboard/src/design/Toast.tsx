import * as Radix from "@radix-ui/react-toast";
import { X } from "lucide-react";
import { createContext, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from "react";

import { Button, IconButton } from "./Button";
import style from "./Toast.module.css";

export const TOAST_MS = 6_000;

export interface Toast {
  message: string;
  /** Takes back what the message says. */
  undo?: () => void;
  /** It is gone: by its time, by hand or by undo. */
  onGone?: () => void;
}

const Show = createContext<(toast: Toast) => void>(() => undefined);

/** `toast({ message: "Source deleted.", undo })`: says that something happened, for six seconds. */
export function useToast(): (toast: Toast) => void {
  return useContext(Show);
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly (Toast & { id: number })[]>([]);
  const last = useRef(0);
  const show = useCallback((toast: Toast) => {
    last.current += 1;
    const id = last.current;
    setToasts((shown) => [...shown, { ...toast, id }]);
  }, []);
  const drop = useCallback((toast: Toast & { id: number }) => {
    setToasts((shown) => shown.filter((one) => one.id !== toast.id));
    toast.onGone?.();
  }, []);
  return (
    <Show.Provider value={useMemo(() => show, [show])}>
      <Radix.Provider duration={TOAST_MS} swipeDirection="down">
        {children}
        {toasts.map((toast) => (
          <Radix.Root key={toast.id} className={style.toast} onOpenChange={(open) => !open && drop(toast)}>
            <Radix.Description>{toast.message}</Radix.Description>
            <div data-buttons>
              {toast.undo && (
                <Radix.Action altText="Undo" asChild onClick={toast.undo}>
                  <Button kind="quiet">Undo</Button>
                </Radix.Action>
              )}
              <Radix.Close asChild>
                <IconButton icon={X} label="Dismiss" />
              </Radix.Close>
            </div>
          </Radix.Root>
        ))}
        <Radix.Viewport className={style.stack} label="Notifications ({hotkey})" />
      </Radix.Provider>
    </Show.Provider>
  );
}
