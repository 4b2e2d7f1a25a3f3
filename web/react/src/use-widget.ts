// One component's widget: loaded when it is mounted, told when its props change, taken away with it.

import { type Handle, load } from "@aivastark/widget";
import { type RefObject, useEffect, useRef } from "react";

import type { AivastarkProps } from "./components.js";
import { EVENTS, tell } from "./events.js";

/** With `container` it fills that element. */
export function useWidget(props: AivastarkProps, container: RefObject<HTMLDivElement | null> | null): void {
  const latest = useRef(props);
  const handle = useRef<Handle | null>(null);
  const { embedKey, host } = props;

  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const { language, identity, nonce } = latest.current;
    const loaded = load({ embedKey, host, language, identity, nonce, container: container?.current });
    for (const event of EVENTS) loaded.on(event, (detail) => tell(latest.current, event, detail as never));
    handle.current = loaded;
    return () => {
      handle.current = null;
      loaded.destroy();
    };
  }, [embedKey, host, container]);

  // What did not change is not told: a proof written anew with each rendering is the same proof.
  useEffect(() => {
    handle.current?.update({ language: props.language ?? null, identity: props.identity ?? null });
  });
}
